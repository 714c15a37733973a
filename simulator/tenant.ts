import type http from "node:http";
import { type Chore, type Clock, realClock, Timekeeper, VirtualClock } from "./clock";
import type { Context, Settings } from "./context";
import { RequestCounters } from "./control/counters";
import { configureEntra, randomSecret } from "./entra/runtime";
import { replaceFaults } from "./faults/routes";
import { readFaultFile } from "./faults/rules";
import { FolderError, type FolderLock, lockFolder, readOrCreateTenant, signingKeyOf, tenantFolder } from "./folder";
import { tenantIdentity } from "./identity";
import { listenOnLoopback } from "./listen";
import { model } from "./model";
import { createServer, type Services } from "./server";
import { State } from "./state";
import { LoggingHistory } from "./world/logging-history";
import { Random } from "./world/random";
import { createWorld } from "./world/world";

export interface RunningTenant {
  context: Context;
  /** Moves a virtual clock. */
  timekeeper: Timekeeper;
  port: number;
  /** Port of the side that speaks TLS, where there is one. */
  tlsPort?: number;
  /** Stops answering, writes what is open and frees the folder. */
  stop(): Promise<void>;
}

interface TenantOptions {
  settings: Settings;
  services(counters: RequestCounters, timekeeper: Timekeeper): Services;
  /** What happens by itself as time passes; nothing when absent. */
  chores?(context: Context): Chore[];
  /** Secrets of this start; random ones where absent. */
  apiSecret?: string | undefined;
  identityHeader?: string | undefined;
  onFault(error: unknown, requestId: string): void;
  /** The machine's time, in place of its own. */
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
  const { bare: asked, ...others } = options.settings;
  const wanted = { seed: others.seed, vaults: others.vaults, ...(asked && { bare: asked }) };
  const begin = others.virtualClock?.start ?? now();
  const { bare, ...seed } =
    folder === undefined ? { ...wanted, firstStart: begin } : readOrCreateTenant(folder, wanted, begin);
  const settings: Settings = { ...others, ...(bare && { bare }) };
  const clock = settings.virtualClock
    ? new VirtualClock(seed.firstStart)
    : realClock(() => now() + (settings.clockSkew ?? 0));
  // Begun first and awaited last: the world is made meanwhile.
  const signingKey = signingKeyOf(folder);
  const state = new State();
  const random = new Random(`${seed.seed}/run/${clock.now()}`);
  const context: Context = {
    settings,
    identity: tenantIdentity(seed),
    model: model(state),
    now: () => clock.now(),
    random: () => random.next(),
  };
  createWorld(context);
  if (folder !== undefined) state.open(folder, context.now);
  await configureEntra(context, {
    signingKey: await signingKey,
    apiSecret: options.apiSecret || randomSecret(),
    identityHeader: options.identityHeader || randomSecret(),
  });
  if (settings.faultsFile !== undefined) replaceFaults(context, readFaultFile(settings.faultsFile));
  resumeClock(context, clock, now());
  const history = new LoggingHistory(context);
  const counters = new RequestCounters(context.now);
  const commit = () => {
    history.note();
    state.commit();
  };
  const timekeeper = new Timekeeper({
    clock,
    chores: options.chores?.(context) ?? [],
    commit: () => {
      noteClock(context, clock);
      commit();
    },
    onFault: (error) => options.onFault(error, "of the clock"),
  });
  const server = createServer({
    context,
    counters,
    services: options.services(counters, timekeeper),
    commit,
    onFault: options.onFault,
  });
  const port = await listenOnLoopback(server, settings.port);
  const tls = settings.tlsPort === undefined ? undefined : await serveTls(context, server, settings.tlsPort);
  lock?.announce(port);
  timekeeper.start();
  return {
    context,
    timekeeper,
    port,
    ...(tls && { tlsPort: tls.port }),
    stop: async () => {
      await tls?.stop();
      await timekeeper.stop();
      await close(server);
      state.close();
      lock?.release();
    },
  };
}

/**
 * A virtual clock goes on where it stood; in a folder that had a real clock until now, at the present.
 * Throws `FolderError` when a real clock would have to wait for what a virtual one has seen already.
 */
function resumeClock(context: Context, clock: Clock, present: number): void {
  const stood = context.model.clock.get("virtual")?.now;
  if (clock instanceof VirtualClock) {
    if (stood !== undefined) clock.moveTo(stood);
    else if (context.settings.virtualClock?.start !== clock.now()) clock.moveTo(present);
  } else if (stood !== undefined && stood > clock.now()) {
    const moment = new Date(stood).toISOString();
    throw new FolderError(`This tenant's virtual clock stands at ${moment}. Start it with --clock virtual.`);
  }
}

function noteClock({ model: { clock: kept } }: Context, clock: Clock): void {
  if (clock.mode === "virtual" && kept.get("virtual")?.now !== clock.now()) kept.put("virtual", { now: clock.now() });
}

/** What makes certificates is loaded only where it is wanted: that takes as long as everything else together. */
async function serveTls(context: Context, server: http.Server, port: number) {
  const { startTls } = await import("./tls/start");
  return startTls(context, server, port);
}

/** Lets requests under way finish, but waits for no idle connection. */
function close(server: http.Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
    setTimeout(() => server.closeAllConnections(), 2000).unref();
  });
}
