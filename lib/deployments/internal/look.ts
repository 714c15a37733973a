import "server-only";
import { type ListedObject, listDeletedKeys, listDeletedSecrets, listKeys, listSecrets } from "@/lib/azure/key-vault";
import { vaultIdParts } from "@/lib/azure/resource-id.pure";
import type { StepJob } from "./outcome";

/** What the vault holds of one kind, by lower-case name. */
export interface Contents {
  live: Map<string, ListedObject>;
  /** Names that are deleted but not purged: they cannot be used. */
  deleted: Set<string>;
}

/** Lists the vault as the planter. Collection lists only: no object is named in the vault's log. */
export async function lookInto({ service, run }: StepJob): Promise<Contents> {
  const { planter } = service.azure;
  const { name } = vaultIdParts(run.vaultId);
  const secret = run.kind === "secret";
  const [live, deleted] = await Promise.all([
    secret ? listSecrets(planter, name) : listKeys(planter, name),
    secret ? listDeletedSecrets(planter, name) : listDeletedKeys(planter, name),
  ]);
  return {
    live: new Map(live.map((object) => [object.name.toLowerCase(), object])),
    deleted: new Set(deleted.map((object) => object.name.toLowerCase())),
  };
}
