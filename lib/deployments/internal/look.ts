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
import { purposeOf } from "./grants";
import type { StepJob } from "./outcome";
import { wayOf } from "./reach";

/** What the vault holds of one kind, by lower-case name. */
export interface Contents {
  live: Map<string, ListedObject>;
  /** What is deleted but not purged: such names cannot be used. */
  deleted: Map<string, ListedDeletedObject>;
}

/** Lists the vault as the planter. Collection lists only: no object is named in the vault's log. */
export async function lookInto(job: StepJob, kind: DecoyKind = job.run.kind): Promise<Contents> {
  const live = await listLive(job, kind);
  if (plantsByArm(job)) return { live, deleted: new Map() };
  const list = kind === "secret" ? listDeletedSecrets : listDeletedKeys;
  const deleted = await list(job.service.azure.planter, vaultIdParts(job.run.vaultId).name, STEP_RETRIES);
  return { live, deleted: new Map(deleted.map((object) => [object.name.toLowerCase(), object])) };
}

/** What the vault holds of one kind and is not deleted, by lower-case name. */
export async function listLive(job: StepJob, kind: DecoyKind = job.run.kind): Promise<Map<string, ListedObject>> {
  const { service, run } = job;
  if (plantsByArm(job)) return listedByArm(service, run);
  const list = kind === "secret" ? listSecrets : listKeys;
  const live = await list(service.azure.planter, vaultIdParts(run.vaultId).name, STEP_RETRIES);
  return new Map(live.map((object) => [object.name.toLowerCase(), object]));
}

/** Of a replacement only what is new goes that way: what is old is deleted by the vault's own address, and looked for there. */
function plantsByArm({ run, step }: StepJob): boolean {
  return wayOf(run) === "arm_key" && purposeOf(step.step) === "plant";
}

/**
 * Past a closed network the collecting identity lists the keys as Azure Resource Manager shows them. It leaves out what is
 * deleted, and does not say which belong to a certificate.
 */
async function listedByArm(
  { azure }: StepJob["service"],
  { vaultId }: StepJob["run"],
): Promise<Map<string, ListedObject>> {
  const keys = await listKeysByArm(azure.collector, vaultId);
  return new Map(keys.map((key) => [key.name.toLowerCase(), { ...key, managed: false }]));
}

/** The step tries again, without keeping a place among those that work. */
const STEP_RETRIES = false;
