/** A registered decoy of a vault of the simulated tenant. */
export interface Decoy {
  vaultId: string;
  vaultName: string;
  kind: "secret" | "key" | "certificate";
  name: string;
}

/** A row of the published register, by column. */
export type RegisterRow = Record<string, string>;

interface Planted {
  state?: "planting" | "live" | "retiring";
  planterOid?: string;
  /** Milliseconds since 1970. */
  from?: number;
  until?: number;
}

/** The row with which this product publishes a decoy. */
export function publishedRow(decoy: Decoy, { state = "live", planterOid = "", from, until }: Planted = {}) {
  return {
    ...olderRow(decoy),
    TokenKey: `${decoy.vaultId}/${decoy.kind}s/${decoy.name}`.toLowerCase(),
    State: state,
    PlanterOid: planterOid,
    WindowStart: from === undefined ? "" : new Date(from).toISOString(),
    WindowEnd: until === undefined ? "" : new Date(until).toISOString(),
  };
}

/** The row in the four columns of the earlier tool. */
export function olderRow(decoy: Decoy): RegisterRow {
  return {
    ResourceProvider: "Microsoft.KeyVault",
    ResourceId: decoy.vaultId,
    HoneyToken: decoy.name,
    Properties: JSON.stringify({ Type: decoy.kind }),
  };
}

const NAMES = ["ledger-reader", "archive-sync", "batch-export", "report-signer", "gateway-client"];
const KINDS: readonly Decoy["kind"][] = ["secret", "key", "certificate"];

/** So many decoys of all kinds in one vault, with names of their own. */
export function decoysIn(vault: { id: string; name: string }, count: number): Decoy[] {
  return Array.from({ length: count }, (_, place) => ({
    vaultId: vault.id,
    vaultName: vault.name,
    kind: KINDS[place % KINDS.length] ?? "secret",
    name: `${NAMES[place % NAMES.length]}-${place}`,
  }));
}
