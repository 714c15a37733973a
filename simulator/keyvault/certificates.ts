import { createHash } from "node:crypto";
import type { ObjectVersion, VaultObject } from "../model";
import { attributesOf } from "./attributes";
import { keySize } from "./key-material";
import { latestOf, objectsOf } from "./objects";
import { pageOf } from "./pages";
import { checkVersion } from "./request-rules";
import type { Answer, VaultCall } from "./vault-call";
import { objectNotFound } from "./vault-errors";

/*
 * Certificates for reading. The world has them, as the managed key and secret of one name and the same versions that
 * each of them is in a vault; none is made, changed or deleted here. A bundle holds everything but `cer`, the encoded
 * certificate: the tenant has no authority that could have signed one.
 */

export function listCertificates(call: VaultCall): Answer {
  const body = pageOf(
    call,
    certificates(call),
    ({ name }) => name.toLowerCase(),
    (certificate) => itemOf(call, certificate, latestOf(certificate)),
  );
  return { body, objectUri: `${call.origin}/certificates` };
}

/** An unknown name is an empty list, as with secrets and keys. */
export function listCertificateVersions(call: VaultCall, name: string): Answer {
  const found = find(call, name);
  const versions = [...(found?.versions ?? [])].sort((a, b) => (a.version < b.version ? -1 : 1));
  const body = pageOf(
    call,
    versions,
    ({ version }) => version,
    (version) => (found ? itemOf(call, found, version, version.version) : {}),
  );
  return { body, objectUri: `${call.origin}/certificates/${found?.name ?? name}` };
}

/** @throws AzureError 404 for an unknown name or version. */
export function getCertificate(call: VaultCall, name: string, version: string | undefined): Answer {
  const certificate = requireCertificate(call, name);
  if (version) checkVersion(version);
  const found = version
    ? certificate.versions.find((candidate) => candidate.version === version.toLowerCase())
    : latestOf(certificate);
  if (!found) throw objectNotFound("certificate", version ? `${certificate.name}/${version}` : certificate.name);
  const at = (collection: string) => `${call.origin}/${collection}/${certificate.name}/${found.version}`;
  return {
    body: {
      ...itemOf(call, certificate, found, found.version),
      kid: at("keys"),
      sid: at("secrets"),
      contentType: contentTypeOf(call, certificate),
      policy: policyOf(call, certificate),
    },
    objectUri: at("certificates"),
  };
}

/** @throws AzureError 404. */
export function getCertificatePolicy(call: VaultCall, name: string): Answer {
  const certificate = requireCertificate(call, name);
  return { body: policyOf(call, certificate), objectUri: `${call.origin}/certificates/${certificate.name}` };
}

/** The managed keys: one for each certificate. */
function certificates(call: VaultCall): VaultObject[] {
  return objectsOf(call, "key", "live").filter(({ managed }) => managed === true);
}

function find(call: VaultCall, name: string): VaultObject | undefined {
  return certificates(call).find((certificate) => certificate.name.toLowerCase() === name.toLowerCase());
}

function requireCertificate(call: VaultCall, name: string): VaultObject {
  const found = find(call, name);
  if (!found) throw objectNotFound("certificate", name);
  return found;
}

function itemOf(call: VaultCall, certificate: VaultObject, shown: ObjectVersion | undefined, version?: string) {
  const id = `${call.origin}/certificates/${certificate.name}`;
  return {
    id: version === undefined ? id : `${id}/${version}`,
    // What identifies a version here in place of the digest of an encoded certificate.
    x5t: createHash("sha1")
      .update(`${id}/${shown?.version ?? ""}`.toLowerCase())
      .digest("base64url"),
    ...(shown && { attributes: attributesOf(call.vault, shown), tags: shown.tags }),
  };
}

function contentTypeOf(call: VaultCall, { name }: VaultObject): string {
  const secret = call.model.objects.get(`${call.vault.id}/secrets/${name}`);
  return secret?.versions.at(-1)?.contentType ?? "application/x-pkcs12";
}

/** Hosts are spelt with hyphens in a certificate's name: `www-contoso-com`. */
function policyOf(call: VaultCall, certificate: VaultObject): Record<string, unknown> {
  const [first] = certificate.versions;
  const latest = latestOf(certificate);
  const kty = latest?.jwk?.kty ?? "RSA";
  return {
    id: `${call.origin}/certificates/${certificate.name}/policy`,
    key_props: { exportable: true, kty, key_size: (latest?.jwk && keySize(latest.jwk)) ?? 2048, reuse_key: false },
    secret_props: { contentType: contentTypeOf(call, certificate) },
    x509_props: {
      subject: `CN=${certificate.name.toLowerCase().replaceAll("-", ".")}`,
      ekus: ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"],
      key_usage: ["digitalSignature", "keyEncipherment"],
      validity_months: 12,
    },
    lifetime_actions: [{ trigger: { days_before_expiry: 30 }, action: { action_type: "AutoRenew" } }],
    issuer: { name: "DigiCert-Organization" },
    attributes: {
      enabled: true,
      created: Math.floor((first?.created ?? call.now()) / 1000),
      updated: Math.floor((latest?.updated ?? call.now()) / 1000),
    },
  };
}
