import "server-only";
import { isClosed } from "@/lib/azure/vault-network.pure";
import type { VaultResource } from "@/lib/azure/vaults";
import type { ServiceContext } from "@/lib/context";
import type { Way } from "@/lib/safety/judge.pure";
import { SENTENCES } from "@/lib/safety/sentences.pure";
import type { Decoy } from "@/lib/store/decoys";
import type { DecoyKind } from "../plan.pure";
import { ItemPlan } from "../views.pure";
import type { Run } from "./ledger";
import { listVault } from "./vault-picture";

type Network = Pick<VaultResource, "network">;

/** How this server gets such an object into the vault; undefined when it cannot. A key needs no way through the network. */
export function wayInto({ network }: Network, kind: DecoyKind): Way | undefined {
  if (!isClosed(network)) return "data_plane";
  return kind === "key" ? "arm_key" : undefined;
}

/** The way that was decided when the item was planned, which its rights were given for. */
export function wayOf(run: Pick<Run, "item">): Way {
  return ItemPlan.safeParse(run.item.plan).data?.way ?? "data_plane";
}

const CLOSED = {
  firewall: "The vault's firewall lets only chosen networks in.",
  private: "The vault takes connections from its private endpoints only.",
} as const;

/** Why this server cannot write into the vault over the network, with what to do; undefined when it can. */
export function unreachable({ network }: Network): string | undefined {
  if (!isClosed(network)) return undefined;
  return `${CLOSED[network]} ${SENTENCES.fixUnreachable}`;
}

/**
 * Why this server cannot remove these from the vault, with what to do; undefined when it can. What somebody else has deleted,
 * by the audit log, need only be let go.
 */
export function unremovable({ network }: Network, decoys: readonly Pick<Decoy, "broken">[]): string | undefined {
  if (!isClosed(network) || decoys.every(({ broken }) => broken === "deleted")) return undefined;
  return `${CLOSED[network]} Azure Resource Manager can make keys but not delete them, and this product never opens a firewall: have the vault's owner let in, for that time at least, the network that this server calls from and an administrator has named (OUTBOUND_SUBNET_IDS, OUTBOUND_ADDRESSES, PRIVATE_ENDPOINT_SCOPES). Until then the honeytokens stay watched.`;
}

/**
 * The same right now: what the audit log says is deleted is looked for in the vault's list, which Azure Resource Manager shows
 * past any network, since somebody may have brought it back.
 */
export async function unremovableNow(
  service: Pick<ServiceContext, "azure">,
  vault: Pick<VaultResource, "id" | "network">,
  decoys: readonly Decoy[],
): Promise<string | undefined> {
  const blocked = unremovable(vault, decoys);
  if (blocked !== undefined || !isClosed(vault.network)) return blocked;
  const listed = new Set((await listVault(service, vault.id)).map(keyOf));
  const back = decoys.filter((decoy) => listed.has(keyOf(decoy)));
  if (back.length === 0) return undefined;
  return `The audit log says that it was deleted, and the vault's list shows it: somebody brought it back. ${unremovable(vault, [{ broken: null }])}`;
}

const keyOf = ({ kind, name }: Pick<Decoy, "kind" | "name">): string => `${kind} ${name.toLowerCase()}`;
