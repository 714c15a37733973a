import { z } from "zod";
import { VaultIdText } from "@/lib/azure/vault-id-schema.pure";
import { type BoardQuery, SORTS, STATES } from "@/lib/coverage/select.pure";
import { CHOSEN_ONE_BY_ONE_MAX } from "./limits.pure";
import { DECOYS_PER_VAULT_MAX, DecoyKind } from "./plan.pure";
import { PlannedOperation } from "./views.pure";

/** Half a year: over shorter times one new object in every vault shows in the dates of the whole estate. See docs/believability.md. */
export const SPREAD_HOURS_MAX = 4_320;

/** A board's filter. Unlike in an address nothing falls back: what cannot be read would stand for more vaults. */
const Filter = z.strictObject({
  q: z.string().max(200, "A search has at most 200 characters.").default(""),
  states: z.array(z.enum(STATES)).default([]),
  subscriptions: z.array(z.string().max(100)).max(1000).default([]),
  reasons: z.array(z.string().max(60)).max(60).default([]),
  mine: z.boolean().default(false),
  flagged: z.boolean().default(false),
  sort: z.enum(SORTS).default("state"),
  descending: z.boolean().default(false),
}) satisfies z.ZodType<BoardQuery>;

/** Which vaults: these, all that a board's filter shows to this person, or all that the person sees. */
export const Selection = z.discriminatedUnion("by", [
  z.strictObject({ by: z.literal("vaults"), vaultIds: z.array(VaultIdText).min(1).max(CHOSEN_ONE_BY_ONE_MAX) }),
  z.strictObject({ by: z.literal("filter"), query: Filter }),
  z.strictObject({ by: z.literal("all") }),
]);
export type Selection = z.infer<typeof Selection>;

/** Single honeytokens of one vault by their ids, which tell no name. */
const DecoyIds = z.array(z.uuid()).min(1).max(CHOSEN_ONE_BY_ONE_MAX);

/** Its fields, for whoever reads only some of them. */
export const FleetRequestFields = z.strictObject({
  operation: PlannedOperation,
  selection: Selection,
  /** Only these, of the one vault that is chosen; left out = all live ones. Removing and replacing only. */
  decoyIds: DecoyIds.optional(),
  /** auto: a secret where nothing loads all secrets, a key elsewhere. Planting and replacing only. */
  kind: z.enum(["auto", ...DecoyKind.options]).default("auto"),
  /** Honeytokens per vault; left out = as the settings say. */
  count: z.number().int().min(1).max(DECOYS_PER_VAULT_MAX).optional(),
  /** The person has read which risks nobody can rule out, such as too few days of log, and takes them. */
  acceptUnknownReaders: z.boolean().default(false),
  /** Also where a working honeytoken is already. */
  addToExisting: z.boolean().default(false),
  /** Writing is spread over so many hours, at moments that fit each vault; 0 = as fast as Azure allows; left out = as the settings say. */
  spreadHours: z.number().int().min(0).max(SPREAD_HOURS_MAX).optional(),
  /** Each honeytoken gets further versions over time, at the rhythm of its vault. Planting and replacing only. */
  history: z.boolean().default(false),
});

/** What a person asks to be planned for many vaults; nothing is done before the plan is confirmed. */
export const FleetRequest = FleetRequestFields.refine(
  ({ decoyIds, operation, selection }) =>
    decoyIds === undefined || (operation !== "plant" && selection.by === "vaults" && selection.vaultIds.length === 1),
  { path: ["decoyIds"], message: "Single honeytokens are removed or replaced, in one vault at a time." },
);
export type FleetRequest = z.infer<typeof FleetRequest>;

/** GET /api/plan/defaults: what the settings say where a request leaves it out. */
export const PlanDefaults = z.object({ spreadHours: z.number() });
export type PlanDefaults = z.infer<typeof PlanDefaults>;

/** Confirms a plan, or a retry; `typed` is the number of vaults where that is asked for. */
export const Confirmation = z.strictObject({ id: z.uuid(), typed: z.number().int().optional() });
export type Confirmation = z.infer<typeof Confirmation>;
