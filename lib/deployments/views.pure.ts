import { z } from "zod";
import { DecoyKind } from "./plan.pure";

/*
 * What pages are told of deployments. No decoy's name stands in any of it: owners see it too.
 */

/** Which deployment an address asks for. What cannot be an id asks for one that is not there. */
export const DeploymentQuery = z.strictObject({ id: z.string() });

export const PlannedOperation = z.enum(["plant", "retire", "replace"]);
export type PlannedOperation = z.infer<typeof PlannedOperation>;

/** renew: further versions of honeytokens, begun by the schedule that a plan asked for. */
export const Operation = z.enum([...PlannedOperation.options, "renew"]);
export type Operation = z.infer<typeof Operation>;

/**
 * planning: the plan is being made; planned: it waits for its confirmation, nothing was written; awaiting_approval: for
 * a second administrator; paused: nothing new is begun, what is begun is brought to a safe end.
 */
export const DeploymentState = z.enum([
  "planning",
  "planned",
  "awaiting_approval",
  "queued",
  "running",
  "paused",
  "done",
  "failed",
  "needs_person",
  "cancelled",
]);
export type DeploymentState = z.infer<typeof DeploymentState>;

/** blocked: the plan says why it cannot be done; skipped: nothing to do there, or nobody started the plan in time. */
export const ITEM_STATES = [
  "planned",
  "blocked",
  "skipped",
  "queued",
  "running",
  "done",
  "failed",
  "needs_person",
  "cancelled",
] as const;
export const ItemState = z.enum(ITEM_STATES);
export type ItemState = z.infer<typeof ItemState>;

const StepView = z.object({
  name: z.string(),
  title: z.string(),
  state: z.enum(["pending", "running", "done", "failed", "skipped"]),
  /** A sentence: what it did, or what it waits for. Never a decoy's name. */
  detail: z.string(),
  startedAt: z.string().nullable(),
  endedAt: z.string().nullable(),
});

/** How the planting identity gets its right in one vault. `group`: one role at the resource group for all its vaults. */
export const GrantWay = z.enum(["none", "vault_role", "group_role", "policy"]);
export type GrantWay = z.infer<typeof GrantWay>;

/** Why a plan is not carried out in a vault in which somebody has planted meanwhile. */
export const PLANTED_MEANWHILE = "It has got a honeytoken since this plan was made. Make a new plan to plant another.";
/** Why a plan leaves out a vault that another deployment has in hand; the vault's page leads to that one. */
export const UNDER_WAY_ELSEWHERE = "A deployment is already running for this vault; the vault's page shows it.";

/** What would be done in one vault, as the plan found it; every text is a sentence. */
export const ItemPlan = z.object({
  grant: GrantWay,
  /** Honeytokens that would be deleted, where the plan is to remove or replace some. */
  removes: z.object({ secrets: z.number(), keys: z.number() }).optional(),
  /** By the vault's own address, also where it is left out; or, for keys only, through Azure Resource Manager. */
  way: z.enum(["data_plane", "arm_key"]).optional(),
  warnings: z.array(z.string()),
  /** Why it is blocked or skipped, each with what to do. */
  reasons: z.array(z.string()),
});
export type ItemPlan = z.infer<typeof ItemPlan>;

export const ItemView = z.object({
  id: z.string(),
  vaultId: z.string(),
  vaultName: z.string(),
  state: ItemState,
  kind: DecoyKind.nullable(),
  count: z.number().nullable(),
  plan: ItemPlan.nullable(),
  /** A sentence with what to do, when it failed or needs a person. */
  problem: z.string().nullable(),
  /** Only while it is under way: the step it is at, and what that waits for. */
  now: z.string().nullable(),
  /** Of what was deleted here: until when Azure can bring it back; it is watched until then. */
  recoverableUntil: z.string().nullable(),
  updatedAt: z.string(),
  steps: z.array(StepView),
});
export type ItemView = z.infer<typeof ItemView>;

/** GET /api/deployments/{id}/items?state=&q=&after=: items by vault name, `next` leads to the page after. */
export const ItemPage = z.object({ items: z.array(ItemView.omit({ steps: true })), next: z.string().nullable() });
export type ItemPage = z.infer<typeof ItemPage>;

const Counts = z.record(ItemState, z.number());
const ReasonCount = z.object({ sentence: z.string(), vaults: z.number() });

/** What the whole plan comes to. */
export const PlanTotals = z.object({
  /** It leaves out no vault that the person sees, however they were chosen. */
  all: z.boolean().default(false),
  /** Honeytokens to be registered and written, of each kind. */
  secrets: z.number(),
  keys: z.number(),
  /** Of the keys those that Azure Resource Manager makes, past a closed network; absent in plans of older versions. */
  keysByArm: z.number().optional(),
  grants: z.record(GrantWay, z.number()),
  /** Assignments at a resource group that stand for the `group_role` vaults. */
  groupAssignments: z.number(),
  blocked: z.array(ReasonCount),
  skipped: z.array(ReasonCount),
  warnings: z.array(ReasonCount),
  /** The least time that Azure's documented limits and delays allow, and what it is made of. */
  secondsAtLeast: z.number(),
  limits: z.array(z.object({ what: z.string(), seconds: z.number() })),
});
export type PlanTotals = z.infer<typeof PlanTotals>;

/** GET /api/deployments/{id} */
export const DeploymentView = z.object({
  id: z.string(),
  operation: Operation,
  state: DeploymentState,
  requestedBy: z.string(),
  createdAt: z.string(),
  startedAt: z.string().nullable(),
  endedAt: z.string().nullable(),
  kind: z.enum(["auto", "secret", "key"]),
  count: z.number().nullable(),
  spreadHours: z.number(),
  /** Each honeytoken gets further versions over time. */
  history: z.boolean(),
  /** Honeytokens that still get further versions by its schedule, or by the schedule that it belongs to. */
  scheduled: z.number(),
  /** How the vaults were chosen, a sentence. */
  chosen: z.string(),
  total: z.number(),
  counts: Counts,
  /** Null while it is being made, and for a deployment that was started without one. */
  totals: PlanTotals.nullable(),
  problem: z.string().nullable(),
  progress: z.object({
    /** Vaults that are done, of any end; `remaining` are those still to end. */
    ended: z.number(),
    remaining: z.number(),
    perMinute: z.number().nullable(),
    secondsLeft: z.number().nullable(),
    /** The next and the last turn of vaults that wait for theirs; null also for whoever sees no names: a time tells which object it is. */
    turns: z.object({ nextAt: z.string(), lastAt: z.string() }).nullable(),
  }),
  approval: z.object({
    state: z.enum(["not_needed", "needed", "given", "refused"]),
    reason: z.string().nullable(),
    by: z.string().nullable(),
    at: z.string().nullable(),
  }),
  /** What the signed-in person may do with it now. */
  may: z.object({
    start: z.boolean(),
    approve: z.boolean(),
    pause: z.boolean(),
    resume: z.boolean(),
    cancel: z.boolean(),
    retry: z.boolean(),
    discard: z.boolean(),
    stopSchedule: z.boolean(),
  }),
  /** The number of vaults that has to be typed before it starts, or is done again; null = a click is enough. */
  confirmByTyping: z.number().nullable(),
  /** Vaults that are neither in `items` nor in an `ItemPage`, since this person may not read them. They are counted. */
  leftOut: z.number().int(),
  /** The vaults with their steps, where there are few; else empty: see `ItemPage`. */
  items: z.array(ItemView),
});
export type DeploymentView = z.infer<typeof DeploymentView>;

/** GET /api/deployments/{id}/vault?vaultId=: how far it is in one vault, for whoever may read that one. */
export const VaultProgress = z.object({
  operation: Operation,
  state: DeploymentState,
  spreadHours: z.number(),
  /** The signed-in person may open the deployment itself; else the steps have no times. */
  opens: z.boolean(),
  item: ItemView.pick({ state: true, kind: true, count: true, problem: true, steps: true }),
});
export type VaultProgress = z.infer<typeof VaultProgress>;

/** GET /api/deployments */
export const DeploymentList = z.object({
  /** Those of others are not among them: the signed-in person sees only what they started. */
  ownOnly: z.boolean(),
  deployments: z.array(
    z.object({
      id: z.string(),
      state: DeploymentState,
      requestedBy: z.string(),
      createdAt: z.string(),
      endedAt: z.string().nullable(),
      operation: Operation,
      vaults: z.number(),
      /** It waits for the approval of the signed-in person. */
      awaitsYou: z.boolean(),
      summary: z.string(),
    }),
  ),
});
export type DeploymentList = z.infer<typeof DeploymentList>;

/** GET /api/deployments/{id}/export: one row a vault, for a file. */
export const DeploymentExport = z.object({
  deployment: z.object({
    id: z.string(),
    operation: Operation,
    state: DeploymentState,
    requestedBy: z.string(),
    createdAt: z.string(),
    endedAt: z.string().nullable(),
  }),
  /** Vaults without a row, since this person may not read them. */
  leftOut: z.number().int(),
  rows: z.array(
    z.object({
      vaultId: z.string(),
      vault: z.string(),
      subscriptionId: z.string(),
      resourceGroup: z.string(),
      state: ItemState,
      kind: z.string(),
      count: z.number(),
      grant: z.string(),
      reason: z.string(),
      recoverableUntil: z.string(),
      updatedAt: z.string(),
    }),
  ),
});
export type DeploymentExport = z.infer<typeof DeploymentExport>;
