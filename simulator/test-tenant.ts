import type { Context, Settings } from "./context";
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
    delays: {
      ingestionMin: 2000,
      ingestionMax: 4000,
      watchlist: 1500,
      grant: 1000,
      diagnostics: 3000,
      resourceGraph: 500,
    },
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
