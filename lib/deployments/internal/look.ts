import "server-only";
import {
  type ListedDeletedObject,
  type ListedObject,
  listDeletedKeys,
  listDeletedSecrets,
  listKeys,
  listSecrets,
} from "@/lib/azure/key-vault";
import { vaultIdParts } from "@/lib/azure/resource-id.pure";
import { listKeysByArm } from "@/lib/azure/vaults";
import type { DecoyKind } from "../plan.pure";
import type { StepJob } from "./outcome";
import { wayOf } from "./reach";

/** What the vault holds of one kind, by lower-case name. */
export interface Contents {
  live: Map<string, ListedObject>;
  /** What is deleted but not purged: such names cannot be used. */
  deleted: Map<string, ListedDeletedObject>;
}

/**
 * Lists the vault as the planter. Collection lists only: no object is named in the vault's log. Past a closed network the
 * collecting identity lists the keys as Azure Resource Manager shows them, which leaves out what is deleted.
 */
export async function lookInto({ service, run }: StepJob, kind: DecoyKind = run.kind): Promise<Contents> {
  if (wayOf(run) === "arm_key") {
    const keys = await listKeysByArm(service.azure.collector, run.vaultId);
    // It does not say which belong to a certificate.
    const live = keys.map((key): [string, ListedObject] => [key.name.toLowerCase(), { ...key, managed: false }]);
    return { live: new Map(live), deleted: new Map() };
  }
  const { planter } = service.azure;
  const { name } = vaultIdParts(run.vaultId);
  const secret = kind === "secret";
  const [live, deleted] = await Promise.all([
    secret ? listSecrets(planter, name) : listKeys(planter, name),
    secret ? listDeletedSecrets(planter, name) : listDeletedKeys(planter, name),
  ]);
  return {
    live: new Map(live.map((object) => [object.name.toLowerCase(), object])),
    deleted: new Map(deleted.map((object) => [object.name.toLowerCase(), object])),
  };
}
