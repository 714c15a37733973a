import { readFileSync } from "node:fs";
import { z } from "zod";

/** A file or body of faults that cannot be used; the message is a sentence that names the field. */
export class FaultRuleError extends Error {}

/** Services by the name that a rule uses; Resource Graph is told apart from the rest of Resource Manager. */
const SERVICES = ["entra", "identity", "arm", "resourcegraph", "keyvault", "loganalytics", "graph"] as const;
export type FaultService = (typeof SERVICES)[number];

const HOUR_MS = 3_600_000;
const seconds = z.number().min(0).max(3600);
const pattern = z.string().min(1).max(400);

/** Which requests a rule is about; what is left out matches every one. Patterns compare without case, `*` is any text. */
const Match = z.strictObject({
  service: z.enum(SERVICES).optional(),
  method: z
    .string()
    .regex(/^[a-z]{1,10}$/i)
    .optional(),
  host: pattern.optional(),
  path: pattern.optional(),
  /** One operation exactly, in the words of `/sim/requests`: "arm GET /subscriptions/{}". */
  operation: pattern.optional(),
  /** Object id of the calling identity, as its token says. */
  caller: z.guid().optional(),
});

export const Fault = z.discriminatedUnion("kind", [
  /** 429 in the words of the service. `retryAfter` in seconds; null leaves the header out. */
  z.strictObject({
    kind: z.literal("throttle"),
    retryAfter: seconds.nullable().default(1),
    header: z.enum(["retry-after", "retry-after-ms", "x-ms-retry-after-ms"]).default("retry-after"),
  }),
  /** A failure of the service. `done`: it carried the request out all the same. */
  z.strictObject({
    kind: z.literal("error"),
    status: z.union([z.literal(500), z.literal(502), z.literal(503), z.literal(504)]),
    retryAfter: seconds.optional(),
    done: z.boolean().default(false),
  }),
  /** No answer at all: the connection stays open until the caller gives up. */
  z.strictObject({ kind: z.literal("timeout"), done: z.boolean().default(false) }),
  /** The connection breaks: before the answer, or in the middle of its body. */
  z.strictObject({
    kind: z.literal("reset"),
    at: z.enum(["start", "body"]).default("start"),
    done: z.boolean().default(false),
  }),
  /** The right answer, late. */
  z.strictObject({ kind: z.literal("slow"), milliseconds: z.int().min(1).max(HOUR_MS) }),
  /** The right answer, cut in the middle of its JSON, as a faulty proxy leaves it. */
  z.strictObject({ kind: z.literal("truncated") }),
  /** 401, as for a token whose time is over. */
  z.strictObject({ kind: z.literal("expired-token") }),
]);
export type Fault = z.infer<typeof Fault>;

const Rule = z.strictObject({
  name: z.string().min(1).max(80),
  match: Match.default({}),
  /** Matching requests that pass before the first fault. */
  skip: z.int().min(0).default(0),
  /** Then every n-th matching request ... */
  every: z.int().min(1).default(1),
  /** ... with this probability, drawn from the tenant's seed ... */
  chance: z.number().min(0).max(1).default(1),
  /** ... at most this often. */
  times: z.int().min(1).optional(),
  fault: Fault,
});
export type FaultRule = z.infer<typeof Rule>;

const delay = z.int().min(0).max(86_400_000);

/** Delays that may be changed while the tenant runs, in milliseconds. */
export const DelayChanges = z.strictObject({
  ingestionMin: delay.optional(),
  ingestionMax: delay.optional(),
  ingestionLatePercent: z.number().min(0).max(100).optional(),
  ingestionLateMax: delay.optional(),
  watchlist: delay.optional(),
  grant: delay.optional(),
  diagnostics: delay.optional(),
  resourceGraph: delay.optional(),
  // A rule that runs without a pause would never let go of the process.
  nearRealTimeCadence: delay.min(100).optional(),
  nearRealTimeDelay: delay.optional(),
  scheduledDelay: delay.optional(),
  incident: delay.optional(),
  defenderPortal: delay.optional(),
  roleScheduleMinimum: delay.optional(),
});

const FaultSet = z.strictObject({
  rules: z.array(Rule).max(1000).default([]),
  delays: DelayChanges.optional(),
  /** Milliseconds that the tenant's real clock is ahead of the machine's; negative: behind. */
  clockSkew: z.int().min(-86_400_000).max(86_400_000).optional(),
});
export type FaultSet = z.infer<typeof FaultSet>;

/** Checks what a file or a request holds. @throws FaultRuleError naming the first field that does not fit. */
export function parseFaults(value: unknown): FaultSet {
  return checked(FaultSet, value);
}

/** @throws FaultRuleError naming the first field that does not fit. */
export function parseDelays(value: unknown): z.infer<typeof DelayChanges> {
  return checked(DelayChanges, value);
}

/** @throws FaultRuleError when the file is not there, not JSON, or not a set of faults. */
export function readFaultFile(file: string): FaultSet {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new FaultRuleError(`${file} cannot be read as JSON: ${error instanceof Error ? error.message : error}`);
  }
  return parseFaults(value);
}

function checked<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new FaultRuleError(`${issue?.path.join(".") || "The set of faults"}: ${issue?.message ?? "invalid"}`);
}
