import { realClock, Timekeeper } from "./clock";
import type { Context, Settings } from "./context";
import { FAST_DELAYS } from "./delays";
import { configureEntra, type EntraSecrets } from "./entra/runtime";
import { newSigningKey } from "./folder";
import type { SimRequest } from "./http";
import { tenantIdentity } from "./identity";
import { model } from "./model";
import { State } from "./state";
import { createWorld } from "./world/world";

/** A fixed moment at which the tenants of tests were started first. */
export const FIRST_START = Date.UTC(2026, 10, 22, 9, 0, 0);

const TEST_SECRETS: EntraSecrets = {
  signingKey: newSigningKey(),
  apiSecret: "api-secret-of-the-test",
  identityHeader: "identity-header-of-the-test",
};

export interface TestTenant {
  context: Context;
  state: State;
  /** Moves the tenant's clock. */
  advance(ms: number): void;
  /** Of a clock that goes by itself as far as callers can tell, with nothing to do. */
  timekeeper: Timekeeper;
}

/** A whole tenant in memory with a clock that a test moves. */
export async function testTenant(settings: Partial<Settings> = {}): Promise<TestTenant> {
  const state = new State();
  let now = FIRST_START;
  const all: Settings = {
    port: 0,
    seed: 1,
    vaults: 30,
    appOrigin: "http://localhost:3000",
    delays: { ...FAST_DELAYS },
    throttle: true,
    ...settings,
  };
  const context: Context = {
    settings: all,
    identity: tenantIdentity({ seed: all.seed, vaults: all.vaults, firstStart: FIRST_START }),
    model: model(state),
    now: () => now,
    random: () => 0.5,
  };
  await configureEntra(context, TEST_SECRETS);
  createWorld(context);
  return {
    context,
    state,
    timekeeper: new Timekeeper({
      clock: realClock(context.now),
      chores: [],
      commit: () => {},
      onFault: (error) => {
        throw error;
      },
    }),
    advance: (ms) => {
      now += ms;
    },
  };
}

/** A request as the server would hand it to a service. */
export function testRequest(
  method: string,
  target: string,
  more: { headers?: Record<string, string>; form?: Record<string, string> } = {},
): SimRequest {
  const url = new URL(target, "http://localhost");
  const text = more.form ? new URLSearchParams(more.form).toString() : "";
  return {
    method,
    host: "localhost",
    path: decodeURIComponent(url.pathname),
    query: url.searchParams,
    headers: more.headers ?? {},
    text,
    json: () => JSON.parse(text),
    callerAddress: "203.0.113.10",
  };
}
