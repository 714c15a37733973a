import { describe, expect, test } from "vitest";
import { levelOf, OPERATIONS, severityFragment, severityOf } from "./severity";

/** Every operation that Key Vault documents for its audit log; a `*` stands for a family that the log abbreviates. */
const DOCUMENTED = `
Authentication VaultGet VaultPut VaultPatch VaultDelete VaultRecover VaultAccessPolicyChangedEventGridNotification VaultList VaultPurge
KeyCreate KeyGet KeyImport KeyUpdate KeyDelete KeyList KeyListVersions KeyBackup KeyRestore KeyRecover KeyPurge KeyGetDeleted
KeyListDeleted KeySign KeyVerify KeyWrap KeyUnwrap KeyEncrypt KeyDecrypt KeyRotate KeyRotateIfDue KeyRotationPolicyGet
KeyRotationPolicySet KeyNearExpiryEventGridNotification KeyExpiredEventGridNotification
SecretSet SecretGet SecretUpdate SecretDelete SecretList SecretListVersions SecretBackup SecretRestore SecretRecover SecretPurge
SecretGetDeleted SecretListDeleted SecretNearExpiryEventGridNotification SecretExpiredEventGridNotification
CertificateGet CertificateCreate CertificateImport CertificateUpdate CertificateList CertificateListVersions CertificateDelete
CertificatePurge CertificateBackup CertificateRestore CertificateRecover CertificateGetDeleted CertificateListDeleted
CertificatePolicy* CertificateIssuer* CertificateContacts* CertificatePending* CertificateEnroll CertificateRenew
CertificateNearExpiryEventGridNotification CertificateExpiredEventGridNotification
KeyResourcePut KeyResourceGet KeyResourceList`
  .trim()
  .split(/\s+/);

test.each(DOCUMENTED)("%s is classified", (operation) => {
  if (!operation.endsWith("*")) return expect(levelOf(operation)).toBeDefined();
  const family = operation.slice(0, -1);
  return expect(OPERATIONS.filter((name) => name.startsWith(family)).length).toBeGreaterThan(1);
});

describe("the ladder", () => {
  test.each([
    ["SecretListVersions", 200, "Informational"],
    ["KeyGet", 200, "Medium"],
    ["KeyGet", 403, "Low"],
    ["SecretGet", 200, "High"],
    ["SecretGet", 403, "Medium"],
    ["KeyBackup", 200, "High"],
    ["KeyDecrypt", 200, "High"],
    ["SecretPurge", 200, "High"],
    ["SecretListVersions", 403, "Informational"],
  ])("%s answered with %i is %s", (operation, status, severity) => {
    expect(severityOf(operation, status)).toBe(severity);
  });

  test("an operation that nobody knows yet still counts", () => {
    expect(severityOf("SecretTeleport", 200)).toBe("Medium");
  });

  test("only the platform's own rows and the first unauthenticated call are no touch", () => {
    expect(severityOf("Authentication", 401)).toBeUndefined();
    expect(severityOf("SecretNearExpiryEventGridNotification", 200)).toBeUndefined();
    expect(severityOf("Authentication", 403)).toBe("Low");
  });

  test("a missing status is read as a success, not as a refusal", () => {
    expect(severityOf("SecretGet", undefined)).toBe("High");
  });
});

test("the fragment for the rules holds every operation of the ladder exactly once", () => {
  const listed = [...severityFragment().matchAll(/"(\w+)"/g)].map(([, name]) => name).sort();
  const ladder = OPERATIONS.filter((name) => !["Unnamed", "Noise"].includes(levelOf(name) ?? "")).sort();
  expect(listed).toEqual(ladder);
});
