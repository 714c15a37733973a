import type { Chore } from "../clock";
import type { Call, Context } from "../context";
import type { AzureError } from "../http";
import type { Model } from "../model";
import { logsError } from "./logs-errors";

/*
 * How many queries of one caller run at a time, how many more wait, and for how long. Source: service limits of Azure
 * Monitor logs ("5 concurrent queries per user, 200 queued, 3 minutes in the queue").
 */
const RUNNING_MAX = 5;
const WAITING_MAX = 200;
const WAITING_MS = 3 * 60_000;

interface Waiter {
  /** When its wait is over, milliseconds since 1970. */
  until: number;
  begin(): void;
  refuse(): void;
}

interface Turns {
  running: number;
  /** In the order in which they came, so the first is also the first whose wait is over. */
  waiting: Waiter[];
}

/** By the caller's object id. */
const turnsOf = new WeakMap<Model, Map<string, Turns>>();

/** Runs the query when it is its turn. @throws AzureError 429 when the queue is full or the wait was too long. */
export async function inTurn<T>(call: Call, run: () => Promise<T>): Promise<T> {
  if (!call.settings.throttle) return run();
  const turns = turnsFor(call);
  await turn(call, turns);
  try {
    return await run();
  } finally {
    refuseLate(turns, call.now());
    const next = turns.waiting.shift();
    // The place goes from one to the next, so that nobody who comes in between takes it.
    if (next) next.begin();
    else turns.running--;
  }
}

/** Refuses the queries that have waited too long, at the moment when they have. */
export function queryQueueChore({ model }: Context): Chore {
  const all = () => [...(turnsOf.get(model)?.values() ?? [])];
  return {
    due: (until) => {
      const first = Math.min(...all().map(({ waiting }) => waiting[0]?.until ?? Number.POSITIVE_INFINITY));
      return first <= until ? first : undefined;
    },
    run: (at) => {
      for (const turns of all()) refuseLate(turns, at);
    },
  };
}

async function turn(call: Call, turns: Turns): Promise<void> {
  if (turns.running < RUNNING_MAX) {
    turns.running++;
    return;
  }
  if (turns.waiting.length >= WAITING_MAX) throw tooMany();
  await new Promise<void>((begin, reject) => {
    turns.waiting.push({ until: call.now() + WAITING_MS, begin, refuse: () => reject(tooMany()) });
  });
}

function refuseLate({ waiting }: Turns, now: number): void {
  while (waiting[0] && waiting[0].until <= now) waiting.shift()?.refuse();
}

function turnsFor(call: Call): Turns {
  let callers = turnsOf.get(call.model);
  if (!callers) {
    callers = new Map();
    turnsOf.set(call.model, callers);
  }
  let turns = callers.get(call.caller.oid);
  if (!turns) {
    turns = { running: 0, waiting: [] };
    callers.set(call.caller.oid, turns);
  }
  return turns;
}

function tooMany(): AzureError {
  const message = "There are too many concurrent queries of this user. Please try again later.";
  return logsError(429, { code: "ThrottledError", message }, { "retry-after": "5" });
}
