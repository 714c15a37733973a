import { makeClients } from "./clients";
import { driveAll } from "./drive";
import type { Exchange } from "./exchange";
import type { Oracle } from "./oracle";
import { makeStage, type Problem, placeOf } from "./stage";
import { conformanceTenant } from "./tenant";
import { pinVersion, recordingWire } from "./wire";

/**
 * One pass through everything, on a tenant of its own: at the oldest and at the newest version that a description has
 * for each operation, and at the clients' own.
 */
export const RUNS = ["oldest", "newest", "own"] as const;
export type RunName = (typeof RUNS)[number];

export interface Run {
  name: RunName;
  exchanges: Exchange[];
  problems: Problem[];
}

export async function runOnce(name: RunName, oracle: Oracle): Promise<Run> {
  const problems: Problem[] = [];
  const tenant = await conformanceTenant((error) => {
    problems.push({ step: "the simulated tenant itself", message: error instanceof Error ? (error.stack ?? "") : "" });
  });
  try {
    const wire = recordingWire(tenant.url);
    const pin = pinVersion((method, url) => oracle.versionsOf(method, url).at(name === "newest" ? -1 : 0));
    const { subscriptionId } = placeOf(tenant);
    const clients = makeClients(tenant.credential, subscriptionId, {
      httpClient: wire.httpClient,
      policies: name === "own" ? [] : [pin],
    });
    await driveAll(makeStage(tenant, wire, clients, problems));
    return { name, exchanges: wire.exchanges, problems };
  } finally {
    await tenant.stop();
  }
}
