/**
 * The operations that an exception may lower: reads, lists of versions, and backups, as Key Vault's audit log names them.
 * A fixed list, so that an operation that nobody thought of is never lowered; nothing in it changes, destroys or uses
 * an object.
 */
export const LOWERABLE = [
  "SecretGet",
  "SecretGetDeleted",
  "SecretListVersions",
  "SecretBackup",
  "KeyGet",
  "KeyGetDeleted",
  "KeyListVersions",
  "KeyBackup",
  "KeyResourceGet",
  "KeyRotationPolicyGet",
  "CertificateGet",
  "CertificateGetDeleted",
  "CertificateListVersions",
  "CertificateBackup",
  "CertificatePolicyGet",
] as const;
