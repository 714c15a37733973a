import type { Call } from "../context";
import type { AzureError } from "../http";
import { logsError } from "./logs-errors";

/*
 * How many queries of one caller run at a time, how many more wait, and for how long. Source: service limits of Azure
 * Monitor logs ("5 concurrent queries per user, 200 queued, 3 minutes in the queue").
 */
const RUNNING_MAX = 5;
const WAITING_MAX = 200;
const WAITING_MS = 3 * 60_000;

interface Turns {
  running: number;
  waiting: (() => void)[];
}

const turnsOf = new WeakMap<object, Map<string, Turns>>();

/** Runs the query when it is its turn. @throws AzureError 429 when the queue is full or the wait was too long. */
export async function inTurn<T>(call: Call, run: () => Promise<T>): Promise<T> {
  if (!call.settings.throttle) return run();
  const turns = turnsFor(call);
  await turn(call, turns);
  try {
    return await run();
  } finally {
    turns.running--;
    turns.waiting.shift()?.();
  }
}

async function turn(call: Call, turns: Turns): Promise<void> {
  if (turns.running >= RUNNING_MAX) {
    if (turns.waiting.length >= WAITING_MAX) throw tooMany();
    const since = call.now();
    await new Promise<void>((resolve) => turns.waiting.push(resolve));
    if (call.now() - since > WAITING_MS) {
      turns.waiting.shift()?.();
      throw tooMany();
    }
  }
  turns.running++;
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
