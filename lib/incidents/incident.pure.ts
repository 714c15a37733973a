import { z } from "zod";
import { CLASSIFICATIONS, REASON_WORDS, SEVERITIES, STATUSES } from "./change.pure";
import { ABOUT, StepView } from "./containment.pure";

/* An incident's page as the server gives it. Every name, address, agent and comment in it may be anybody's text. */

/** Minutes to either side of the first touch. */
export const WINDOWS = [15, 60, 240, 1440] as const;
export const WINDOW_DEFAULT = 60;

/** GET /api/incidents/{id} */
export const IncidentQuery = z.strictObject({
  /** A GUID; anything else is an incident that is not there. */
  id: z.string(),
  minutes: z.coerce
    .number()
    .refine((minutes) => WINDOWS.some((one) => one === minutes), `Choose one of ${WINDOWS.join(", ")} minutes.`)
    .default(WINDOW_DEFAULT),
});

const Commands = z.array(z.object({ about: z.string(), command: z.string() }));

const Problem = z.object({ message: z.string(), fix: z.string().nullable() });
export type Problem = z.infer<typeof Problem>;

/** A part of the page for itself: what it holds, or why it holds nothing. */
function part<T extends z.ZodType>(rows: T) {
  return z.discriminatedUnion("ok", [
    z.object({
      ok: z.literal(true),
      rows: z.array(rows),
      /** There is more than is shown. */
      more: z.boolean(),
      /** What is missing, where the workspace gave only a part. */
      partial: Problem.nullable(),
    }),
    z.object({ ok: z.literal(false), problem: Problem }),
  ]);
}

/** One call of a caller; `touch` = on a honeytoken. Status 0 = the log does not say. Times are ISO 8601, UTC. */
export const Activity = z.object({
  /** Its place among the rows. */
  place: z.number(),
  at: z.string(),
  caller: z.string(),
  operation: z.string(),
  status: z.number(),
  vaultId: z.string(),
  kind: z.string(),
  name: z.string(),
  tokenKey: z.string(),
  ip: z.string(),
  client: z.string(),
  requestId: z.string(),
  touch: z.boolean(),
});
export type Activity = z.infer<typeof Activity>;

export const CallerIdentity = z.object({
  caller: z.string(),
  kind: z.enum(["user", "managed identity", "application", "unknown"]),
  oid: z.string().nullable(),
  upn: z.string().nullable(),
  appIds: z.array(z.string()),
  managedIdentity: z.string().nullable(),
  clients: z.array(z.string()),
  addresses: z.array(
    z.object({
      ip: z.string(),
      calls: z.number(),
      first: z.string(),
      last: z.string(),
      isNew: z.boolean(),
      /** Its page in the Defender portal; null for what is no address. */
      url: z.string().nullable(),
    }),
  ),
  links: z.array(z.object({ name: z.string(), url: z.string() })),
  /** How to end this caller's sessions, and how to stop it altogether. */
  commands: z.object({ sessions: Commands, disable: Commands }),
});
export type CallerIdentity = z.infer<typeof CallerIdentity>;

/** A real object that a caller read or used with success. */
export const ReadObject = z.object({
  vaultId: z.string(),
  kind: z.string(),
  name: z.string(),
  reads: z.number(),
  after: z.number(),
  first: z.string(),
  last: z.string(),
  /** Seconds between the first touch and the nearest of these calls. */
  seconds: z.number(),
  operations: z.array(z.string()),
});
export type ReadObject = z.infer<typeof ReadObject>;

export const Colleague = z.object({
  vaultId: z.string(),
  name: z.string(),
  days: z.number(),
  calls: z.number(),
  refused: z.number(),
  last: z.string(),
  operations: z.array(z.string()),
});
export type Colleague = z.infer<typeof Colleague>;

/** A vault that had fallen silent; null = no row in the three days that were looked at. */
export const SilentVault = z.object({
  vaultId: z.string(),
  lastBefore: z.string().nullable(),
  lastRow: z.string().nullable(),
});
export type SilentVault = z.infer<typeof SilentVault>;

const TouchedDecoy = z.object({
  tokenKey: z.string(),
  name: z.string(),
  kind: z.string(),
  vaultId: z.string(),
  /** Our register's id of it, for a plan; null when it is not in there or not in a state to be replaced. */
  decoyId: z.string().nullable(),
});
export type TouchedDecoy = z.infer<typeof TouchedDecoy>;

const State = z.object({
  etag: z.string(),
  status: z.enum(STATUSES),
  severity: z.enum(SEVERITIES),
  owner: z
    .object({ objectId: z.string().exactOptional(), name: z.string().exactOptional(), upn: z.string().exactOptional() })
    .exactOptional(),
  classification: z.enum(CLASSIFICATIONS).exactOptional(),
  classificationReason: z.enum(REASON_WORDS).exactOptional(),
  classificationComment: z.string().exactOptional(),
  labels: z.array(z.string()),
  modifiedAt: z.string(),
});

export const IncidentView = z.object({
  id: z.string(),
  number: z.number(),
  title: z.string(),
  /** What happened, in one sentence. */
  sentence: z.string(),
  /** What the rule itself says beside its title; empty where the sentence says all of it. */
  description: z.string(),
  about: z.enum(ABOUT),
  through: z.enum(["sentinel", "defender"]),
  /** Its page in the portal where it is kept. */
  url: z.string().nullable(),
  createdAt: z.string(),
  firstTouch: z.string(),
  state: State,
  /** Why `state` is Sentinel's, although the Defender portal keeps it: then it cannot be changed here. */
  stateProblem: Problem.nullable(),
  comments: part(z.object({ message: z.string(), by: z.string(), at: z.string() })),
  decoys: z.array(TouchedDecoy),
  vaults: z.array(z.string()),
  /**
   * Why the entities of the incident could not be read: callers and vaults that only they name are missing from the page
   * then, and their calls too.
   */
  entitiesProblem: Problem.nullable(),
  window: z.object({ minutes: z.number(), from: z.string(), to: z.string() }),
  /** Silent vaults; none of a touch. */
  silent: part(SilentVault),
  /** Of a touch; there is no caller of a silence. */
  activity: part(Activity),
  callers: part(CallerIdentity),
  reads: part(ReadObject),
  colleagues: part(Colleague),
  queries: z.array(z.object({ name: z.string(), text: z.string(), link: z.string().nullable() })),
  steps: z.array(StepView),
  me: z.object({ oid: z.string(), name: z.string(), upn: z.string().nullable() }),
});
export type IncidentView = z.infer<typeof IncidentView>;
