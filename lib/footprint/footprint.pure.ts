import { z } from "zod";
import { toCsv } from "@/lib/csv.pure";
import { CheckLink } from "@/lib/setup/checks.pure";

/** What kinds of traces there are, in the order in which they are shown. */
export const TRACE_KINDS = [
  "tag",
  "policy",
  "rule",
  "watchlist",
  "role",
  "assignment",
  "application",
  "identity",
  "diagnostic",
  "resource",
] as const;
const TraceKind = z.enum(TRACE_KINDS);
export type TraceKind = z.infer<typeof TraceKind>;

/** plain = a word says that there are decoys; hint = a word or a content that makes an attentive reader think of it. */
export const Telling = z.enum(["plain", "hint", "nothing"]);
export type Telling = z.infer<typeof Telling>;

/** One thing of ours, or that looks like it, as Azure shows it to others. */
export const Trace = z.object({
  kind: TraceKind,
  /** As Azure writes it. */
  name: z.string(),
  /** Where it was seen. */
  where: z.string(),
  readers: z.string(),
  telling: Telling,
  /** The words that give it away, or what else does. */
  because: z.array(z.string()),
  /** What would tell less; empty where nothing needs to. */
  instead: z.string(),
  link: CheckLink.optional(),
});
export type Trace = z.infer<typeof Trace>;

/** Somebody who can read the register. */
export const RegisterReader = z.object({
  /** A name where the person who asks may see one, else the object id. */
  name: z.string(),
  principalId: z.string(),
  kind: z.enum(["User", "Group", "ServicePrincipal", "Other"]),
  roles: z.array(z.string()),
  /** Where the roles were given: `Workspace`, or the group, subscription or management group above it. */
  from: z.array(z.string()),
  direct: z.boolean(),
  /** One of the product's own identities. */
  ours: z.boolean(),
});
export type RegisterReader = z.infer<typeof RegisterReader>;

/** GET /api/footprint */
export const FootprintView = z.object({
  traces: z.array(Trace),
  readers: z.array(RegisterReader),
  /** What could not be read, each with what to do. */
  unread: z.array(z.object({ what: z.string(), problem: z.string(), fix: z.string() })),
  /** How far the look went where it did not go everywhere. */
  notes: z.array(z.string()),
  readAt: z.iso.datetime(),
});
export type FootprintView = z.infer<typeof FootprintView>;

/** Parts of words that mean nothing else in the name of a resource. */
export const PLAIN_PARTS = ["honey", "decoy", "decept", "canary", "tripwire"] as const;
/** Whole words only: `bootstrap` and `faker` are harmless. */
const PLAIN_WORDS = new Set(["bait", "trap", "lure", "fake", "trapdoor", "snare"]);
const HINT_WORDS = new Set(["planter", "plant", "planting", "drill", "drills", "tokens", "burnt", "lured"]);

/** The words of a text that give away what is behind it, lower case, the plainest kind only. */
export function tellingWords(text: string): { telling: Telling; words: string[] } {
  const lower = text.toLowerCase();
  const words = new Set(
    text
      .replaceAll(/([a-z])([A-Z])/g, "$1 $2")
      .toLowerCase()
      .match(/[a-z]+/g),
  );
  const plain = [
    ...PLAIN_PARTS.filter((part) => lower.includes(part)),
    ...[...words].filter((word) => PLAIN_WORDS.has(word)),
  ];
  if (plain.length > 0) return { telling: "plain", words: plain };
  const hints = [...words].filter((word) => HINT_WORDS.has(word));
  return hints.length > 0 ? { telling: "hint", words: hints } : { telling: "nothing", words: [] };
}

/** How many traces tell how much. */
export function countTelling(traces: readonly Pick<Trace, "telling">[]): Record<Telling, number> {
  const counts: Record<Telling, number> = { plain: 0, hint: 0, nothing: 0 };
  for (const { telling } of traces) counts[telling]++;
  return counts;
}

const HEADER = ["part", "kind", "name", "where", "readers", "telling", "because", "instead"];

/** Everything as one table: the traces, who reads the register, and what was not read. */
export function footprintCsv({ traces, readers, unread }: FootprintView): string {
  return toCsv(HEADER, [
    ...traces.map(({ kind, name, where, readers: who, telling, because, instead }) => [
      ...["trace", kind, name, where, who],
      ...[telling, because.join(" "), instead],
    ]),
    ...readers.map(({ kind, name, principalId, roles, from }) => [
      ...["register reader", kind, name, from.join("; "), principalId],
      ...["", roles.join("; "), ""],
    ]),
    ...unread.map(({ what, problem, fix }) => ["not read", "", what, "", "", "", problem, fix]),
  ]);
}
