import type { Severity } from "../../severity";

/** What an alert must say; `nothing` must raise none. */
export type Outcome = Severity | "nothing";

/** One operation on a decoy: what it asks for, and what is to come of it when it is let in and when it is refused. */
export interface Expectation {
  operation: string;
  kind: "secret" | "key" | "certificate";
  /**
   * Path after the vault's host, `{}` stands for the decoy's name. Without it the request names no object: then the
   * service's own id of the object does, where there is one (`restore`).
   */
  path: string;
  allowed: Outcome;
  denied: Outcome;
  /** The request goes to Azure Resource Manager instead, below the vault's id. */
  throughArm?: true;
}

type Line = readonly [path: string, allowed: Outcome, denied: Outcome];

/*
 * What is expected, written down by hand and beside `severity.json`, which the rules are made from: a slip in one of the
 * two fails a test. A refused operation is a step lower. A refused restore names no object at all, and no collection
 * does: nobody can tell from such a row that a decoy was meant.
 */
const SECRET: Readonly<Record<string, Line>> = {
  SecretGet: ["/secrets/{}/", "High", "Medium"],
  SecretSet: ["/secrets/{}", "High", "Medium"],
  SecretUpdate: ["/secrets/{}/", "High", "Medium"],
  SecretDelete: ["/secrets/{}", "High", "Medium"],
  SecretBackup: ["/secrets/{}/backup", "High", "Medium"],
  SecretRestore: ["/secrets/restore", "High", "nothing"],
  SecretPurge: ["/deletedsecrets/{}", "High", "Medium"],
  SecretRecover: ["/deletedsecrets/{}/recover", "Medium", "Low"],
  SecretGetDeleted: ["/deletedsecrets/{}", "Low", "Informational"],
  SecretListVersions: ["/secrets/{}/versions", "Informational", "Informational"],
  SecretList: ["/secrets", "nothing", "nothing"],
  SecretListDeleted: ["/deletedsecrets", "nothing", "nothing"],
  SecretNearExpiryEventGridNotification: ["/secrets/{}", "nothing", "nothing"],
  SecretExpiredEventGridNotification: ["/secrets/{}", "nothing", "nothing"],
  SecretNewVersionEventGridNotification: ["/secrets/{}", "nothing", "nothing"],
};

const KEY: Readonly<Record<string, Line>> = {
  KeyDecrypt: ["/keys/{}/0123456789abcdef0123456789abcdef/decrypt", "High", "Medium"],
  KeyUnwrap: ["/keys/{}/0123456789abcdef0123456789abcdef/unwrapkey", "High", "Medium"],
  KeySign: ["/keys/{}/0123456789abcdef0123456789abcdef/sign", "High", "Medium"],
  KeyEncrypt: ["/keys/{}/0123456789abcdef0123456789abcdef/encrypt", "High", "Medium"],
  KeyWrap: ["/keys/{}/0123456789abcdef0123456789abcdef/wrapkey", "High", "Medium"],
  KeyVerify: ["/keys/{}/0123456789abcdef0123456789abcdef/verify", "High", "Medium"],
  KeyBackup: ["/keys/{}/backup", "High", "Medium"],
  KeyRestore: ["/keys/restore", "High", "nothing"],
  KeyCreate: ["/keys/{}/create", "High", "Medium"],
  KeyImport: ["/keys/{}", "High", "Medium"],
  KeyUpdate: ["/keys/{}/", "High", "Medium"],
  KeyDelete: ["/keys/{}", "High", "Medium"],
  KeyPurge: ["/deletedkeys/{}", "High", "Medium"],
  KeyRotate: ["/keys/{}/rotate", "High", "Medium"],
  KeyRotationPolicySet: ["/keys/{}/rotationpolicy", "High", "Medium"],
  KeyGet: ["/keys/{}/", "Medium", "Low"],
  KeyRecover: ["/deletedkeys/{}/recover", "Medium", "Low"],
  KeyRotateIfDue: ["/keys/{}", "Medium", "Low"],
  KeyGetDeleted: ["/deletedkeys/{}", "Low", "Informational"],
  KeyRotationPolicyGet: ["/keys/{}/rotationpolicy", "Low", "Informational"],
  KeyListVersions: ["/keys/{}/versions", "Informational", "Informational"],
  KeyList: ["/keys", "nothing", "nothing"],
  KeyListDeleted: ["/deletedkeys", "nothing", "nothing"],
  KeyNearExpiryEventGridNotification: ["/keys/{}", "nothing", "nothing"],
  KeyExpiredEventGridNotification: ["/keys/{}", "nothing", "nothing"],
  KeyNewVersionEventGridNotification: ["/keys/{}", "nothing", "nothing"],
};

const CERTIFICATE: Readonly<Record<string, Line>> = {
  CertificateBackup: ["/certificates/{}/backup", "High", "Medium"],
  CertificateRestore: ["/certificates/restore", "High", "nothing"],
  CertificateCreate: ["/certificates/{}/create", "High", "Medium"],
  CertificateImport: ["/certificates/{}/import", "High", "Medium"],
  CertificateUpdate: ["/certificates/{}/", "High", "Medium"],
  CertificateDelete: ["/certificates/{}", "High", "Medium"],
  CertificatePurge: ["/deletedcertificates/{}", "High", "Medium"],
  CertificateEnroll: ["/certificates/{}", "High", "Medium"],
  CertificateRenew: ["/certificates/{}", "High", "Medium"],
  CertificatePolicySet: ["/certificates/{}/policy", "High", "Medium"],
  CertificatePolicyUpdate: ["/certificates/{}/policy", "High", "Medium"],
  CertificatePendingMerge: ["/certificates/{}/pending/merge", "High", "Medium"],
  CertificatePendingUpdate: ["/certificates/{}/pending", "High", "Medium"],
  CertificatePendingDelete: ["/certificates/{}/pending", "High", "Medium"],
  CertificateGet: ["/certificates/{}/", "Medium", "Low"],
  CertificateRecover: ["/deletedcertificates/{}/recover", "Medium", "Low"],
  CertificatePolicyGet: ["/certificates/{}/policy", "Low", "Informational"],
  CertificatePendingGet: ["/certificates/{}/pending", "Low", "Informational"],
  CertificateGetDeleted: ["/deletedcertificates/{}", "Low", "Informational"],
  CertificateListVersions: ["/certificates/{}/versions", "Informational", "Informational"],
  CertificateList: ["/certificates", "nothing", "nothing"],
  CertificateListDeleted: ["/deletedcertificates", "nothing", "nothing"],
  CertificateIssuerGet: ["/certificates/issuers/internal-ca", "nothing", "nothing"],
  CertificateIssuerSet: ["/certificates/issuers/internal-ca", "nothing", "nothing"],
  CertificateIssuerUpdate: ["/certificates/issuers/internal-ca", "nothing", "nothing"],
  CertificateIssuerDelete: ["/certificates/issuers/internal-ca", "nothing", "nothing"],
  CertificateIssuersList: ["/certificates/issuers", "nothing", "nothing"],
  CertificateContactsGet: ["/certificates/contacts", "nothing", "nothing"],
  CertificateContactsSet: ["/certificates/contacts", "nothing", "nothing"],
  CertificateContactsDelete: ["/certificates/contacts", "nothing", "nothing"],
  CertificateNearExpiryEventGridNotification: ["/certificates/{}", "nothing", "nothing"],
  CertificateExpiredEventGridNotification: ["/certificates/{}", "nothing", "nothing"],
  CertificateNewVersionEventGridNotification: ["/certificates/{}", "nothing", "nothing"],
};

/** Requests to Azure Resource Manager, below the vault's id. */
const THROUGH_ARM: Readonly<Record<string, Line>> = {
  KeyResourcePut: ["/keys/{}", "High", "Medium"],
  KeyResourceGet: ["/keys/{}", "Low", "Informational"],
  KeyResourceList: ["/keys", "nothing", "nothing"],
  VaultGet: ["", "nothing", "nothing"],
  VaultPut: ["", "nothing", "nothing"],
  VaultPatch: ["", "nothing", "nothing"],
  VaultDelete: ["", "nothing", "nothing"],
  VaultRecover: ["", "nothing", "nothing"],
  VaultList: ["", "nothing", "nothing"],
  VaultPurge: ["", "nothing", "nothing"],
  VaultAccessPolicyChangedEventGridNotification: ["", "nothing", "nothing"],
};

/**
 * The first call of every SDK goes out without a token, to the object that it wants, and is answered with 401: that is no
 * touch. No vault answers it with 200; if a row ever says so, it names a decoy and counts.
 */
const HANDSHAKE: Readonly<Record<string, Line>> = { Authentication: ["/secrets/{}/", "Medium", "nothing"] };

function lines(kind: Expectation["kind"], list: Readonly<Record<string, Line>>): Expectation[] {
  return Object.entries(list).map(([operation, [path, allowed, denied]]) => ({
    operation,
    kind,
    path,
    allowed,
    denied,
  }));
}

/** Every operation that a vault's log may name. Source: Microsoft Learn, "Key Vault logging". */
export const EXPECTATIONS: readonly Expectation[] = [
  ...lines("secret", { ...SECRET, ...HANDSHAKE }),
  ...lines("key", KEY),
  ...lines("certificate", CERTIFICATE),
  ...lines("key", THROUGH_ARM).map((line): Expectation => ({ ...line, throughArm: true })),
];
