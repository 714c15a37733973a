import type { Board, BoardRow, VaultDetail } from "@/lib/coverage/board.pure";
import { STEPS } from "@/lib/deployments/plan.pure";
import { type DeploymentView, ITEM_STATES, type ItemState } from "@/lib/deployments/views.pure";

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
      nameDecoys: false,
      except: false,
    },
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
    chosen: "One vault",
    total: 1,
    counts: counts({ [itemState]: 1 }),
    totals: null,
    problem: null,
    progress: { ended: 0, remaining: 1, perMinute: null, secondsLeft: null },
    approval: { state: "not_needed", reason: null, by: null, at: null },
    may: { start: false, approve: false, pause: false, resume: false, cancel: false, retry: false, discard: false },
    confirmByTyping: null,
    items: [
      {
        id: "i1",
        kind: "secret",
        count: 1,
        plan: null,
        now: null,
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

/** How many vaults of a deployment are in each state; none where nothing is said. */
export function counts(change: Partial<Record<ItemState, number>>): DeploymentView["counts"] {
  const none = { planned: 0, blocked: 0, skipped: 0, queued: 0, running: 0 };
  return { ...none, done: 0, failed: 0, needs_person: 0, cancelled: 0, ...change };
}
