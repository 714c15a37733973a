import "server-only";
import type { ServiceContext } from "@/lib/context";
import { AppError } from "@/lib/errors";
import type { ErrorCode } from "@/lib/errors.pure";
import type { Area, Check, CheckLink, CheckState } from "../checks.pure";

/** What a check needs. It can be made before there is a store; with one it knows what was saved. */
export type Looker = Pick<ServiceContext, "azure" | "config" | "now"> & Partial<Pick<ServiceContext, "db">>;

/** Names, by id, of the subscriptions that the collector sees. */
export type Subscriptions = () => Promise<ReadonlyMap<string, string>>;

/** What one look came to. */
export interface Found {
  state: CheckState;
  evidence: string;
  fix?: string;
  command?: string;
  link?: CheckLink;
  /** Of what was seen, where that is older than the look. */
  at?: Date;
}

/** How it is put right: a page, a command, both or neither. */
type Way = Pick<Found, "command" | "link" | "at">;

export const right = (evidence: string, at?: Date): Found => ({ state: "right", evidence, ...(at && { at }) });
export const wrong = (evidence: string, fix: string, way: Way = {}): Found => ({
  state: "wrong",
  evidence,
  fix,
  ...way,
});
export const warning = (evidence: string, fix: string, way: Way = {}): Found => ({
  ...wrong(evidence, fix, way),
  state: "warning",
});
export const unknown = (evidence: string, fix: string, way: Way = {}): Found => ({
  ...wrong(evidence, fix, way),
  state: "unknown",
});

/** What holds in every subscription is not proven by there being none. */
export const NONE_SEEN: Found = unknown(
  "The collector sees no subscription, so this could not be looked at.",
  "Give the collector Reader on the subscriptions first.",
);

type Clock = Pick<Looker, "now">;

/**
 * Looks, and makes a check of it. A refusal by Azure is wrong, since the product will be refused as well, and so is a state
 * of things that does not allow it; whatever else fails leaves it unknown.
 */
export async function check(
  { now }: Clock,
  area: Area,
  id: string,
  title: string,
  look: () => Promise<Found>,
): Promise<Check> {
  const { fix = "", at = now(), ...found } = await look().catch(failure);
  return { id, area, title, fix, ...found, at: at.toISOString() };
}

const REFUSALS: readonly ErrorCode[] = ["forbidden", "not_found", "conflict"];

function failure(error: unknown): Found {
  if (!(error instanceof AppError)) throw error;
  const { code, message, fix = "" } = error.failure;
  return { state: REFUSALS.includes(code) ? "wrong" : "unknown", evidence: message, fix };
}

/** Asks when the first check wants to know, and gives the same answer to all. */
export function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined;
  return () => {
    answer ??= ask();
    return answer;
  };
}
