import type { Delays } from "../context";
import type { Fault } from "./rules";

/** One thing that may befall whoever works with the tenant: a fault for rules, or a change of its delays or clock. */
interface Listed {
  name: string;
  says: string;
  fault?: Fault;
  delays?: Partial<Delays>;
  clockSkew?: number;
}

const WORDS: Readonly<Record<500 | 502 | 503 | 504, string>> = {
  500: "an internal error",
  502: "a gateway's error page",
  503: "an unavailable service",
  504: "a gateway that waited in vain",
};
const AFTERWARDS = [
  { done: false, name: "", says: "nothing was done" },
  { done: true, name: "-done", says: "it was done all the same" },
];
const HEADERS = ["retry-after", "retry-after-ms", "x-ms-retry-after-ms"] as const;
const SECOND = 1000;

/**
 * The list of faults, each in every form that differs for a client. Testers take it from `GET /sim/faults/list`, so that
 * none is forgotten; a test holds it against the kinds and settings that rules know.
 */
export const FAULT_LIST: readonly Listed[] = [
  ...HEADERS.map(
    (header): Listed => ({
      name: `throttle-${header}`,
      says: `429 with ${header}`,
      fault: { kind: "throttle", retryAfter: 1, header },
    }),
  ),
  {
    name: "throttle-without-header",
    says: "429 that does not say how long",
    fault: { kind: "throttle", retryAfter: null, header: "retry-after" },
  },
  ...([500, 502, 503, 504] as const).flatMap((status) =>
    AFTERWARDS.map(
      ({ done, name, says }): Listed => ({
        name: `error-${status}${name}`,
        says: `${WORDS[status]}; ${says}`,
        fault: { kind: "error", status, done },
      }),
    ),
  ),
  {
    name: "error-503-retry-after",
    says: "an unavailable service that says how long",
    fault: { kind: "error", status: 503, retryAfter: 1, done: false },
  },
  ...AFTERWARDS.map(
    ({ done, name, says }): Listed => ({
      name: `timeout${name}`,
      says: `no answer; ${says}`,
      fault: { kind: "timeout", done },
    }),
  ),
  ...AFTERWARDS.map(
    ({ done, name, says }): Listed => ({
      name: `reset${name}`,
      says: `a connection that breaks before the answer; ${says}`,
      fault: { kind: "reset", at: "start", done },
    }),
  ),
  {
    name: "reset-body",
    says: "a connection that breaks in the middle of the answer",
    fault: { kind: "reset", at: "body", done: true },
  },
  { name: "slow", says: "the right answer, late", fault: { kind: "slow", milliseconds: 1500 } },
  { name: "truncated", says: "the right answer, cut in its JSON", fault: { kind: "truncated" } },
  { name: "expired-token", says: "401 as for an expired token", fault: { kind: "expired-token" } },
  { name: "late-register", says: "register rows that show late", delays: { watchlist: 12 * SECOND } },
  { name: "late-grants", says: "rights that work late", delays: { grant: 10 * SECOND } },
  {
    name: "late-rows",
    says: "log rows that arrive late",
    delays: { ingestionMin: 10 * SECOND, ingestionMax: 15 * SECOND },
  },
  { name: "late-resource-graph", says: "a Resource Graph that lags behind", delays: { resourceGraph: 20 * SECOND } },
  { name: "clock-ahead", says: "Azure's clock ahead of ours", clockSkew: 120 * SECOND },
  { name: "clock-behind", says: "Azure's clock behind ours", clockSkew: -120 * SECOND },
];
