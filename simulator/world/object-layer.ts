import { vaultOf } from "../by-vault";
import type { Layer } from "../collection";
import type { VaultObject } from "../model";
import { objectKey, vaultObjects } from "./objects";
import type { VaultPlan } from "./plan";

/** Vaults whose objects are kept for the next question; a page of a vault's list asks for each of them again. */
const KEPT_VAULTS = 8;

/**
 * The objects that the world's vaults hold, made vault by vault when one of them is asked for: ten thousand vaults have
 * well over a hundred thousand, and nobody looks at most of them.
 */
export class ObjectLayer implements Layer<VaultObject> {
  readonly size: number;
  private readonly plans = new Map<string, VaultPlan>();
  private readonly kept = new Map<VaultPlan, ReadonlyMap<string, VaultObject>>();

  constructor(
    vaults: readonly VaultPlan[],
    private readonly seed: number,
    private readonly firstStart: number,
  ) {
    let size = 0;
    for (const plan of vaults) {
      this.plans.set(plan.name.toLowerCase(), plan);
      // A certificate is a key and a secret.
      size += plan.counts.secrets + plan.counts.keys + 2 * plan.counts.certificates;
      size += plan.counts.deleted + plan.decoys.length;
    }
    this.size = size;
  }

  has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  get(key: string): VaultObject | undefined {
    const plan = this.planOf(key.slice(0, Math.max(0, key.lastIndexOf("/", key.lastIndexOf("/") - 1))));
    return plan && this.objectsOf(plan).get(key);
  }

  *entries(): Iterable<[string, VaultObject]> {
    for (const plan of this.plans.values()) yield* this.made(plan);
  }

  readonly groups = {
    keyOf: vaultOf,
    entries: (vaultId: string): Iterable<[string, VaultObject]> => {
      const plan = this.planOf(vaultId);
      return plan ? this.objectsOf(plan) : [];
    },
  };

  /** By the vault's ARM id in lower case; a vault's name is unique in Azure, yet the rest must be right too. */
  private planOf(vaultId: string): VaultPlan | undefined {
    const plan = this.plans.get(vaultId.slice(vaultId.lastIndexOf("/") + 1));
    return plan?.id.toLowerCase() === vaultId ? plan : undefined;
  }

  private objectsOf(plan: VaultPlan): ReadonlyMap<string, VaultObject> {
    const known = this.kept.get(plan);
    if (known) return known;
    const made = this.made(plan);
    const [oldest] = this.kept.keys();
    if (this.kept.size >= KEPT_VAULTS && oldest) this.kept.delete(oldest);
    this.kept.set(plan, made);
    return made;
  }

  private made(plan: VaultPlan): ReadonlyMap<string, VaultObject> {
    const objects = vaultObjects(this.seed, plan, this.firstStart);
    return new Map(objects.map((object) => [objectKey(plan.id, object.kind, object.name).toLowerCase(), object]));
  }
}
