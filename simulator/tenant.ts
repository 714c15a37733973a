import type http from "node:http";
import type { AddressInfo } from "node:net";
import type { Context, Settings } from "./context";
import { RequestCounters } from "./control/counters";
import { configureEntra, type EntraSecrets, randomSecret } from "./entra/runtime";
import { useFaults } from "./faults/routes";
import { readFaultFile } from "./faults/rules";
import {
  type FolderLock,
  lockFolder,
  newSigningKey,
  readOrCreateSigningKey,
  readOrCreateTenant,
  tenantFolder,
} from "./folder";
import { type TenantSeed, tenantIdentity } from "./identity";
import { model } from "./model";
import { createServer, type Services } from "./server";
import { State } from "./state";
import { LoggingHistory } from "./world/logging-history";
import { Random } from "./world/random";
import { createWorld } from "./world/world";

export interface RunningTenant {
  context: Context;
  port: number;
  /** Stops answering, writes what is open and frees the folder. */
  stop(): Promise<void>;
}

interface TenantOptions {
  settings: Settings;
  services(counters: RequestCounters): Services;
  /** Secrets of this start; random ones where absent. */
  apiSecret?: string | undefined;
  identityHeader?: string | undefined;
  onFault(error: unknown, requestId: string): void;
  now?: () => number;
}

/**
 * Builds the tenant from its folder (or a passing one without a folder), replays the journal and listens on loopback.
 * Throws `FolderError` when the folder is in use or belongs to another tenant, and the system's error for a taken port.
 */
export async function startTenant(options: TenantOptions): Promise<RunningTenant> {
  const { settings, now = Date.now } = options;
  const folder = settings.dataDir === undefined ? undefined : tenantFolder(settings.dataDir);
  const lock = folder === undefined ? undefined : await lockFolder(folder);
  try {
    return await open(options, folder, lock, now);
  } catch (error) {
    lock?.release();
    throw error;
  }
}

async function open(
  options: TenantOptions,
  folder: string | undefined,
  lock: FolderLock | undefined,
  now: () => number,
): Promise<RunningTenant> {
  const { settings } = options;
  const wanted = { seed: settings.seed, vaults: settings.vaults };
  const seed: TenantSeed =
    folder === undefined ? { ...wanted, firstStart: now() } : readOrCreateTenant(folder, wanted, now());
  const secrets: EntraSecrets = {
    signingKey: folder === undefined ? newSigningKey() : readOrCreateSigningKey(folder),
    apiSecret: options.apiSecret || randomSecret(),
    identityHeader: options.identityHeader || randomSecret(),
  };
  const state = new State();
  const random = new Random(`${seed.seed}/run/${now()}`);
  const context: Context = {
    settings,
    identity: tenantIdentity(seed),
    model: model(state),
    now,
    random: () => random.next(),
  };
  await configureEntra(context, secrets);
  createWorld(context);
  if (folder !== undefined) state.open(folder);
  if (settings.faultsFile !== undefined) useFaults(context, readFaultFile(settings.faultsFile));
  const history = new LoggingHistory(context);
  const counters = new RequestCounters(now);
  const server = createServer({
    context,
    counters,
    services: options.services(counters),
    commit: () => {
      history.note();
      state.commit();
    },
    onFault: options.onFault,
  });
  const port = await listen(server, settings.port);
  lock?.announce(port);
  return {
    context,
    port,
    stop: async () => {
      await close(server);
      state.close();
      lock?.release();
    },
  };
}

function listen(server: http.Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", reject);
      resolve((server.address() as AddressInfo).port); // a TCP server that listens has such an address
    });
  });
}

/** Lets requests under way finish, but waits for no idle connection. */
function close(server: http.Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
    setTimeout(() => server.closeAllConnections(), 2000).unref();
  });
}
