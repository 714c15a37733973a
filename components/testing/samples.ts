import type { Board, BoardRow, VaultDetail } from "@/lib/coverage/board.pure";
import type { DeploymentView } from "@/lib/deployments/plan.pure";
import { STEPS } from "@/lib/deployments/plan.pure";

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
    may: { plant: true, plantReason: null, changeLogging: true, changeLoggingReason: null, nameDecoys: false },
    deployments: [],
    ...change,
  };
}

/** A deployment into `row()`'s vault whose first `done` steps are finished. */
export function deployment(done: number, change: Partial<DeploymentView> = {}): DeploymentView {
  const state = change.state ?? (done === STEPS.length ? "done" : "running");
  return {
    id: "d1",
    state,
    requestedBy: "Adam Admin",
    createdAt: "2026-11-22T10:00:00.000Z",
    endedAt: null,
    kind: "secret",
    count: 1,
    items: [
      {
        vaultId: row().id,
        vaultName: "kv-orders",
        state,
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
