import type { Board, BoardRow, VaultDetail } from "@/lib/coverage/board.pure";
import { STEPS } from "@/lib/deployments/plan.pure";
import {
  type DeploymentView,
  ITEM_STATES,
  type ItemPage,
  type ItemState,
  type PlanTotals,
  type VaultProgress,
} from "@/lib/deployments/views.pure";

const SUBSCRIPTION = "11111111-2222-4333-8444-555555555555";

export function row(change: Partial<BoardRow> = {}): BoardRow {
  const name = change.name ?? "kv-orders";
  const subscriptionId = change.subscriptionId ?? SUBSCRIPTION;
  return {
    id: `/subscriptions/${subscriptionId}/resourcegroups/rg-shop/providers/microsoft.keyvault/vaults/${name}`,
    name,
    subscriptionId,
    subscription: "Production",
    resourceGroup: "rg-shop",
    location: "westeurope",
    permissionModel: "rbac",
    network: "public",
    state: "unprotected",
    reason: "not_registered",
    decoys: 0,
    mine: false,
    flagged: false,
    deploying: false,
    checkedAt: "2026-11-22T10:00:00.000Z",
    ...change,
  };
}

export function board(vaults: BoardRow[], change: Partial<Board> = {}): Board {
  const total = vaults.length;
  return {
    vaults,
    readAt: "2026-11-22T10:00:00.000Z",
    collector: { done: total, total, running: false },
    reviews: false,
    warnings: [],
    ...change,
  };
}

export function detail(change: Partial<VaultDetail> = {}): VaultDetail {
  return {
    vault: row(),
    facts: [
      { name: "auditLog", outcome: "pass", reason: "audit_on", evidence: "Setting to law-sentinel.", checkedAt: null },
      { name: "registered", outcome: "fail", reason: "not_registered", evidence: "", checkedAt: null },
    ],
    may: {
      plant: true,
      plantReason: null,
      changeLogging: true,
      changeLoggingReason: null,
      giveReads: true,
      giveReadsReason: null,
      nameDecoys: false,
      except: false,
      tag: false,
      tagReason: null,
    },
    review: null,
    exceptions: [],
    deployments: [],
    ...change,
  };
}

/** A deployment into `row()`'s vault whose first `done` steps are finished. */
export function deployment(done: number, change: Partial<DeploymentView> = {}): DeploymentView {
  const state = change.state ?? (done === STEPS.length ? "done" : "running");
  const itemState = ITEM_STATES.find((one) => one === state) ?? "running";
  return {
    id: "d1",
    operation: "plant",
    state,
    requestedBy: "Adam Admin",
    createdAt: "2026-11-22T10:00:00.000Z",
    startedAt: "2026-11-22T10:00:00.000Z",
    endedAt: null,
    kind: "secret",
    count: 1,
    spreadHours: 0,
    history: false,
    scheduled: 0,
    chosen: "One vault",
    total: 1,
    counts: counts({ [itemState]: 1 }),
    totals: null,
    problem: null,
    progress: { ended: 0, remaining: 1, perMinute: null, secondsLeft: null, turns: null },
    approval: { state: "not_needed", reason: null, by: null, at: null },
    may: {
      start: false,
      approve: false,
      pause: false,
      resume: false,
      cancel: false,
      retry: false,
      discard: false,
      stopSchedule: false,
    },
    confirmByTyping: null,
    leftOut: 0,
    items: [
      {
        id: "i1",
        kind: "secret",
        count: 1,
        plan: null,
        now: null,
        recoverableUntil: null,
        updatedAt: "2026-11-22T10:00:00.000Z",
        vaultId: row().id,
        vaultName: "kv-orders",
        state: itemState,
        steps: STEPS.map(({ name, title }, index) => ({
          name,
          title,
          state: index < done ? "done" : index === done ? "running" : "pending",
          detail: index === done ? "Asked twice so far." : "",
          startedAt: null,
          endedAt: null,
        })),
        problem: null,
      },
    ],
    ...change,
  };
}

/** How far `deployment(done)` is in `row()`'s vault, as the page of that vault asks. */
export function vaultProgress(
  done: number,
  change: Partial<VaultProgress> = {},
  itemChange: Partial<VaultProgress["item"]> = {},
): VaultProgress {
  const { operation, state, spreadHours, items } = deployment(done);
  const [item] = items;
  if (!item) throw new Error("The sample has a vault.");
  return { operation, state, spreadHours, opens: true, item: { ...item, ...itemChange }, ...change };
}

/** A deployment over many vaults: no steps, its vaults come by the page. */
export function fleet(change: Partial<DeploymentView> = {}): DeploymentView {
  return deployment(0, {
    id: FLEET_ID,
    operation: "plant",
    kind: "auto",
    count: null,
    chosen: "All vaults that matched the filter of the board",
    total: 240,
    items: [],
    ...change,
  });
}

export const FLEET_ID = "22222222-2222-4222-8222-222222222222";

/** What the plan of `fleet()` comes to. */
export function totals(change: Partial<PlanTotals> = {}): PlanTotals {
  return {
    all: false,
    secrets: 150,
    keys: 62,
    grants: { none: 100, vault_role: 12, group_role: 80, policy: 20 },
    groupAssignments: 3,
    blocked: [{ sentence: "The audit log does not reach the watched workspace. Switch it on first.", vaults: 18 }],
    skipped: [{ sentence: "A working honeytoken is there already.", vaults: 10 }],
    warnings: [{ sentence: "Fewer than 30 days of log rows are known.", vaults: 7 }],
    secondsAtLeast: 1230,
    limits: [
      { what: "Giving the planting identity its rights", seconds: 0 },
      { what: "Until the workspace shows the register", seconds: 1200 },
      { what: "Writing", seconds: 30 },
    ],
    ...change,
  };
}

type Item = ItemPage["items"][number];

/** One vault of `fleet()`. */
export function fleetItem(name: string, change: Partial<Item> = {}): Item {
  return {
    id: `item-${name}`,
    vaultId: row({ name }).id,
    vaultName: name,
    state: "planned",
    kind: "secret",
    count: 1,
    plan: { grant: "group_role", warnings: [], reasons: [] },
    problem: null,
    now: null,
    recoverableUntil: null,
    updatedAt: "2026-11-22T10:00:00.000Z",
    ...change,
  };
}

/** How many vaults of a deployment are in each state; none where nothing is said. */
export function counts(change: Partial<Record<ItemState, number>>): DeploymentView["counts"] {
  const none = { planned: 0, blocked: 0, skipped: 0, queued: 0, running: 0 };
  return { ...none, done: 0, failed: 0, needs_person: 0, cancelled: 0, ...change };
}
