import path from "node:path";
import { parseArgs } from "node:util";
import { ConfigError, listenOn, loadConfig } from "@/lib/config";
import { buildIsFresh, noteBuild, startBuild } from "./start/build";
import { bundleSimulator } from "./start/bundle";
import { type Child, stopChild } from "./start/children";
import { readEnvironmentFiles } from "./start/environment-files";
import { portIsFree, takenPortMessage } from "./start/ports";
import { startSimulator } from "./start/simulator";
import { sourceHash } from "./start/source-hash";
import { noteTenant } from "./start/tenant-note";
import { startWeb, untilItAnswers } from "./start/web";

/**
 * `npm start`: checks the configuration, builds when needed, starts the simulated tenant when no Azure settings are
 * there, starts the product, and stops everything that it started. Exit codes: 0 stopped on request, 1 something
 * failed, 2 the configuration is wrong, 130 a second Ctrl-C.
 */
const GRACE_MS = 8_000;
/** One Ctrl-C reaches us more than once: from the terminal, from npm and from tsx. */
const SAME_SIGNAL_MS = 1_000;
const WEB_READY_WITHIN_MS = 180_000;

/** A failure with a sentence for the person at the terminal. */
class StartError extends Error {
  constructor(
    message: string,
    readonly exitCode: number,
  ) {
    super(message);
  }
}

/** In the order in which they were started; stopped in the other order. */
const children: Child[] = [];
let stopRequestedAt: number | undefined;
let forgetTenant = () => {};

/** Rejects when a child ends that should have gone on. */
let reportCrash: (error: StartError) => void = () => {};
const crashed = new Promise<never>((_, reject) => {
  reportCrash = reject;
});

const stopRequested = new Promise<void>((resolve) => {
  const onSignal = () => {
    if (stopRequestedAt === undefined) {
      stopRequestedAt = Date.now();
      resolve();
    } else if (Date.now() - stopRequestedAt > SAME_SIGNAL_MS) {
      for (const child of children) child.signal("SIGKILL");
      process.exit(130);
    }
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, onSignal);
  // The program that started us (tsx) may be killed without a word; we then belong to another one.
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && onSignal(), 1_000).unref();
});

async function start(): Promise<void> {
  const { values } = parseArgs({ options: { dev: { type: "boolean", default: false } } });
  readEnvironmentFiles(process.cwd());
  const { mode, host, port, dataDir } = listenOn();
  if (mode === "real") loadConfig();
  if (Number(process.versions.node.split(".")[0]) < 22) {
    console.log("Node 20 gets no security fixes any more: use it to try things out, and Node 24 in production.");
  }
  if (!(await portIsFree(port, host))) throw new StartError(takenPortMessage(port), 1);
  if (!values.dev) await build();

  const env: NodeJS.ProcessEnv = { ...process.env };
  const notes: string[] = [];
  if (mode === "simulated") {
    forgetOtherIdentities(env);
    const file = await bundleSimulator(process.cwd());
    const simulator = startSimulator({ file, dataDir: path.resolve(dataDir), origin: `http://localhost:${port}`, env });
    children.push(simulator.child);
    const { variables, delays } = await simulator.ready;
    mustGoOn(simulator.child);
    Object.assign(env, variables);
    forgetTenant = noteTenant(path.resolve(dataDir), variables);
    notes.push(
      "This is a simulated tenant, made up on this machine, because no Azure settings were found (see .env.example).",
      delays,
      `To attack it: ${variables.SIMULATOR_URL}/sim, or npm run play -- --list.`,
    );
  }
  const { origin } = loadConfig(env);
  const bound = mode === "simulated" ? "127.0.0.1" : host;
  const web = startWeb({ dev: values.dev, port, host: bound, env });
  children.push(web);
  mustGoOn(web);
  await untilItAnswers(web, { host: bound, port, origin, withinMs: WEB_READY_WITHIN_MS });
  if (!web.running()) return;
  console.log(origin);
  for (const note of notes) console.log(note);
}

async function build(): Promise<void> {
  const root = process.cwd();
  if (buildIsFresh(root)) return;
  console.log("Building, since there is no build of the present sources. This takes about a minute, once.");
  const hash = sourceHash(root);
  const child = startBuild(root);
  children.push(child);
  const { code } = await child.ended;
  children.splice(children.indexOf(child), 1);
  if (stopRequestedAt !== undefined) return;
  if (code !== 0) throw new StartError(`The build failed.\n${child.tail()}`, 1);
  noteBuild(root, hash);
}

/** Variables that would send the SDK to another machine's identity endpoint. */
function forgetOtherIdentities(env: NodeJS.ProcessEnv): void {
  for (const name of ["IDENTITY_SERVER_THUMBPRINT", "IMDS_ENDPOINT", "MSI_ENDPOINT", "MSI_SECRET"]) delete env[name];
}

/** From here on, the end of this child is the end of everything. */
function mustGoOn(child: Child): void {
  void child.ended.then(({ code, signal }) => {
    const how = signal ? `signal ${signal}` : `code ${code}`;
    reportCrash(
      new StartError(`The ${child.name} stopped by itself (${how}), so everything stops.`, code === 2 ? 2 : 1),
    );
  });
}

async function run(): Promise<number> {
  try {
    await Promise.race([stopRequested, crashed, start().then(() => crashed)]);
    return 0;
  } catch (error) {
    if (stopRequestedAt !== undefined) return 0;
    console.error(error instanceof Error ? error.message : error);
    return error instanceof StartError ? error.exitCode : error instanceof ConfigError ? 2 : 1;
  } finally {
    // The web process first: it ends its work at safe points, for which it may still need the simulated tenant.
    for (const child of children.toReversed()) await stopChild(child, GRACE_MS);
    forgetTenant();
  }
}

process.exit(await run());
