import { z } from "zod";

const SEVERITIES = ["Informational", "Low", "Medium", "High"] as const;

function isAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return (url.protocol === "https:" || url.protocol === "http:") && url.username === "" && url.password === "";
}

/** Where a chat tool is told, and of what. The signing secret comes from the environment and is never here. */
export const WebhookSettings = z.strictObject({
  /** Null = nobody is told. */
  url: z
    .string()
    .trim()
    .max(2_000, "At most 2,000 characters.")
    .refine(isAddress, "Give an address that begins with https://, without a user name.")
    .nullable()
    .default(null),
  /** Incidents below it are not told. */
  leastSeverity: z.enum(SEVERITIES).default("Low"),
});
export type WebhookSettings = z.infer<typeof WebhookSettings>;

/** Why this product may not send to the address in this mode; undefined when it may. */
export function addressProblem(address: string, mode: "simulated" | "real"): string | undefined {
  const { protocol, hostname } = new URL(address);
  const loopback = ["127.0.0.1", "localhost", "[::1]"].includes(hostname);
  if (mode === "simulated") {
    return loopback
      ? undefined
      : "In the simulated tenant nothing leaves this machine: only an address of this machine (http://127.0.0.1:…) can be told.";
  }
  return protocol === "https:" ? undefined : "Only an address that begins with https:// can be told.";
}

/** Whether an incident of this severity is told. One that is not known is. */
export function isTold(severity: string, least: WebhookSettings["leastSeverity"]): boolean {
  const weaker: readonly string[] = SEVERITIES.slice(0, SEVERITIES.indexOf(least));
  return !weaker.includes(severity);
}

/** Whether a severity is graver than another. One that is not known counts as the gravest. */
export function isGraver(severity: string, than: string): boolean {
  return rankOf(severity) > rankOf(than);
}

function rankOf(severity: string): number {
  const known: readonly string[] = SEVERITIES;
  const rank = known.indexOf(severity);
  return rank < 0 ? known.length : rank;
}

/** The origin of an address: what may be shown of it, since its path may be a credential. */
export function originOf(address: string): string {
  return URL.canParse(address) ? new URL(address).origin : "";
}

const Delivery = z.object({
  id: z.string(),
  event: z.string(),
  state: z.enum(["waiting", "delivered", "given_up"]),
  attempts: z.number(),
  createdAt: z.string(),
  /** Of one that waits: when it is sent next. */
  nextAt: z.string().nullable(),
  lastAnswer: z.string().nullable(),
});

/** GET /api/webhook */
export const WebhookView = z.object({
  /** Whether the environment holds the signing secret; without it nothing is sent. */
  secretSet: z.boolean(),
  deliveries: z.array(Delivery),
  /** When incidents were last looked for, and why the last look failed. */
  lookedAt: z.string().nullable(),
  problem: z.string().nullable(),
});
export type WebhookView = z.infer<typeof WebhookView>;
