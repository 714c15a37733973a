/*
 * Words for names when the vault's own do not suffice. Dull on purpose: in published experiments plain operational names
 * were opened and hardly ever taken for a trap, while names like "passwords" were called one more often than not.
 */

/** What a forgotten but plausible credential is for. */
export const OPERATIONS: readonly string[] =
  "backup replica archive export import report reporting batch sync legacy migration reader writer scheduler snapshot failover ingest loader billing ledger metrics relay gateway worker mailer printing indexer crawler feed bridge adapter connector warehouse cleanup retention rollup partner vendor notification search catalog inventory pricing payroll shipping returns support portal intranet helpdesk facilities directory calendar archiver transfer settlement reconciliation monitoring telemetry diagnostics maintenance runner pipeline artifact registry deploy provisioning licensing audit compliance onboarding survey training kiosk".split(
    " ",
  );

/** Systems that such a credential opens. */
export const SYSTEMS: readonly string[] =
  "sql db postgres mysql redis cache storage blob queue bus events smtp sftp ftp ldap cosmos search crm erp sap hr web app service agent proxy broker cluster node share vm".split(
    " ",
  );

export const SECRET_TAILS: readonly (readonly string[])[] = [
  ["password"],
  ["password"],
  ["connection", "string"],
  ["api", "key"],
  ["access", "key"],
  ["client", "secret"],
  ["token"],
];

export const KEY_TAILS: readonly (readonly string[])[] = [
  ["key"],
  ["key"],
  ["signing", "key"],
  ["encryption", "key"],
  ["cmk"],
  ["kek"],
];
