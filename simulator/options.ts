import { parseArgs } from "node:util";
import type { Delays, Settings } from "./context";
import { FAST_DELAYS, REAL_DELAYS } from "./delays";
import { GRAPH_DIRECTORY, GRAPH_SECURITY } from "./entra/graph-permissions";

/** A wrong command line: the message is a sentence for the person who typed it. */
export class OptionError extends Error {}

export const USAGE = `Usage: simulator [--port 4280] [--vaults 240] [--seed 1] [--data-dir FOLDER] [--rules FOLDER]
                 [--subscriptions COUNT] [--open-estate] [--bare]
                 [--app-origin http://localhost:3000] [--fast] [--with-parent] [--warm-parser]
                 [--step-up arm|vault|logs] [--defender-portal] [--no-throttle] [--faults FILE] [--tls PORT]
                 [--clock real|virtual] [--clock-start 2026-10-01T00:00:00Z]
                 [--delay-ingestion 2000-4000] [--delay-ingestion-late PERCENT[:MS]] [--delay-watchlist MS]
                 [--delay-grant MS] [--delay-diagnostics MS] [--delay-resource-graph MS] [--delay-nrt-cadence MS]
                 [--delay-nrt MS] [--delay-scheduled MS] [--delay-incident MS] [--delay-defender-portal MS]
                 [--caller-subnets ID,ID] [--caller-endpoint-scopes ID,ID]
                 [--delay-policy MS] [--delay-role-schedule-minimum MS] [--without-p2]
                 [--without-consent arm|vault|logs|graph|PERMISSION] [--expired-secret]
--bare is a tenant in which the product was not set up: no Sentinel, register, rules, custom roles or activity logs.
--without-p2 is a tenant without Microsoft Entra ID P2: it takes no time-bound role assignments.
--without-consent: the product may not act for people there; PERMISSION is one of Microsoft Graph: Application.Read.All and others.
A virtual clock stands still until POST /sim/clock/advance {"milliseconds":n} moves it.
--caller-subnets are the subnets that callers of vaults are in; --caller-endpoint-scopes the subscriptions, groups or single
private endpoints whose endpoints they reach. Left out, callers come from a public address only.
--with-parent ends the process when its standard input closes; --step-up demands a second sign-in step for that service.
--warm-parser starts the parser of log queries at once, where there are no plans yet, not with the first query.`;

interface Options {
  settings: Settings;
  /** Stop when standard input closes, so that a killed parent leaves no process behind. */
  withParent: boolean;
  /** Start the parser of log queries at once. */
  warmParser: boolean;
}

/** Reads the command line; throws `OptionError`, naming the flag. */
export function parseOptions(args: string[]): Options {
  const values = parseFlags(args);
  const base = values.fast ? FAST_DELAYS : REAL_DELAYS;
  const delays = readDelays(values, base);
  // A folder notes seed and size only: what else the world is made of would not be known at the next start.
  if (values["data-dir"] && (values.subscriptions !== undefined || values["open-estate"])) {
    throw new OptionError("--subscriptions and --open-estate are for a tenant that keeps nothing, without --data-dir.");
  }
  return {
    withParent: values["with-parent"] ?? false,
    warmParser: values["warm-parser"] ?? false,
    settings: {
      port: whole("port", values.port, 4280, 0, 65_535),
      seed: whole("seed", values.seed, 1, 0, 2 ** 31 - 1),
      vaults: whole("vaults", values.vaults, 240, 1, 100_000),
      appOrigin: origin(values["app-origin"] ?? "http://localhost:3000"),
      delays,
      throttle: !values["no-throttle"],
      ...(values["without-p2"] && { withoutP2: true }),
      ...(values["defender-portal"] && { defenderPortal: true }),
      ...(values["expired-secret"] && { expiredSecret: true }),
      ...withoutConsent(values["without-consent"]),
      ...stepUp(values["step-up"]),
      ...virtualClock(values.clock, values["clock-start"]),
      ...(values.subscriptions !== undefined && {
        subscriptions: whole("subscriptions", values.subscriptions, 0, 3, 1_000),
      }),
      ...(values["open-estate"] && { openEstate: true as const }),
      ...(values.bare && { bare: true as const }),
      ...callerNetwork(values["caller-subnets"], values["caller-endpoint-scopes"]),
      ...(values["data-dir"] && { dataDir: values["data-dir"] }),
      ...(values.rules && { rulesDir: values.rules }),
      ...(values.tls !== undefined && { tlsPort: whole("tls", values.tls, 0, 0, 65_535) }),
      ...(values.faults && { faultsFile: values.faults }),
    },
  };
}

/** Delays with one figure each, by the flag that sets them. */
const DELAY_FLAGS = {
  "delay-watchlist": "watchlist",
  "delay-grant": "grant",
  "delay-diagnostics": "diagnostics",
  "delay-resource-graph": "resourceGraph",
  "delay-nrt-cadence": "nearRealTimeCadence",
  "delay-nrt": "nearRealTimeDelay",
  "delay-scheduled": "scheduledDelay",
  "delay-incident": "incident",
  "delay-defender-portal": "defenderPortal",
  "delay-policy": "policy",
  "delay-role-schedule-minimum": "roleScheduleMinimum",
} as const satisfies Record<string, keyof Delays>;

const DAY = 86_400_000;
type DelayFlag = keyof typeof DELAY_FLAGS;
type DelayValues = { [Flag in DelayFlag | "delay-ingestion" | "delay-ingestion-late"]?: string | undefined };

function readDelays(values: DelayValues, base: Readonly<Delays>): Delays {
  const [ingestionMin, ingestionMax] = range(values["delay-ingestion"], [base.ingestionMin, base.ingestionMax]);
  const delays: Delays = { ...base, ingestionMin, ingestionMax, ...late(values["delay-ingestion-late"], base) };
  for (const [flag, key] of entriesOf(DELAY_FLAGS)) {
    // A rule that runs without a pause would never let go of the process.
    delays[key] = whole(flag, values[flag], base[key], key === "nearRealTimeCadence" ? 100 : 0, DAY);
  }
  return delays;
}

function entriesOf<K extends string, V>(record: Readonly<Record<K, V>>): [K, V][] {
  const found: [K, V][] = [];
  for (const key in record) found.push([key, record[key]]);
  return found;
}

/** `2` or `0.5:7200000`: of 100 rows so many come late, by that many milliseconds at most. */
function late(value: string | undefined, base: Readonly<Delays>): Partial<Delays> {
  if (value === undefined) return {};
  const match = /^(\d{1,3}(?:\.\d{1,3})?)(?::(\d{1,9}))?$/.exec(value);
  const ingestionLatePercent = Number(match?.[1]);
  if (!match || ingestionLatePercent > 100) {
    throw new OptionError(
      `--delay-ingestion-late must be a percentage, with milliseconds after a colon if wanted, not "${value}".`,
    );
  }
  return { ingestionLatePercent, ingestionLateMax: match[2] === undefined ? base.ingestionLateMax : Number(match[2]) };
}

/** Moments before 1990 or after 2100 are mistakes of typing. */
const CLOCK_START = { min: Date.UTC(1990, 0), max: Date.UTC(2100, 0) };

function virtualClock(mode = "real", start: string | undefined): Pick<Settings, "virtualClock"> {
  if (mode !== "real" && mode !== "virtual") throw new OptionError(`--clock must be real or virtual, not "${mode}".`);
  if (mode === "real" && start !== undefined) throw new OptionError("--clock-start needs --clock virtual.");
  if (mode === "real") return {};
  if (start === undefined) return { virtualClock: {} };
  const time = /^\d{4}-\d{2}-\d{2}(?:T[\d:.]+(?:Z|[+-]\d{2}:\d{2}))?$/.test(start) ? Date.parse(start) : Number.NaN;
  if (!(time >= CLOCK_START.min && time <= CLOCK_START.max)) {
    throw new OptionError(`--clock-start must be a moment such as 2026-10-01T00:00:00Z, not "${start}".`);
  }
  return { virtualClock: { start: time } };
}

function stepUp(value: string | undefined): Pick<Settings, "stepUp"> {
  if (value === undefined) return {};
  if (value === "arm" || value === "vault" || value === "logs") return { stepUp: value };
  throw new OptionError(`--step-up must be arm, vault or logs, not "${value}".`);
}

function callerNetwork(subnets: string | undefined, scopes: string | undefined): Pick<Settings, "callerNetwork"> {
  if (subnets === undefined && scopes === undefined) return {};
  return { callerNetwork: { subnets: resourceIds(subnets), endpointScopes: resourceIds(scopes) } };
}

function resourceIds(text = ""): string[] {
  const ids = text.split(",").flatMap((part) => part.trim().toLowerCase() || []);
  for (const id of ids) if (!id.startsWith("/subscriptions/")) throw new OptionError(`"${id}" is no resource id.`);
  return ids;
}

const CONSENTS: readonly string[] = ["arm", "vault", "logs", "graph", ...GRAPH_SECURITY, ...GRAPH_DIRECTORY];

function withoutConsent(value: string | undefined): Pick<Settings, "withoutConsent"> {
  if (value === undefined) return {};
  if (CONSENTS.includes(value)) return { withoutConsent: value };
  throw new OptionError(`--without-consent must be one of ${CONSENTS.join(", ")}, not "${value}".`);
}

function parseFlags(args: string[]) {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  try {
    return parseArgs({
      args,
      strict: true,
      options: {
        port: text,
        vaults: text,
        seed: text,
        subscriptions: text,
        "open-estate": flag,
        bare: flag,
        "data-dir": text,
        rules: text,
        "app-origin": text,
        fast: flag,
        "with-parent": flag,
        "warm-parser": flag,
        "step-up": text,
        "defender-portal": flag,
        "no-throttle": flag,
        "caller-subnets": text,
        "caller-endpoint-scopes": text,
        faults: text,
        tls: text,
        clock: text,
        "clock-start": text,
        "delay-ingestion": text,
        "delay-ingestion-late": text,
        "delay-watchlist": text,
        "delay-grant": text,
        "delay-diagnostics": text,
        "delay-resource-graph": text,
        "delay-nrt-cadence": text,
        "delay-nrt": text,
        "delay-scheduled": text,
        "delay-incident": text,
        "delay-defender-portal": text,
        "delay-policy": text,
        "delay-role-schedule-minimum": text,
        "without-p2": flag,
        "without-consent": text,
        "expired-secret": flag,
      },
    }).values;
  } catch (error) {
    throw new OptionError(error instanceof Error ? error.message : String(error));
  }
}

function whole(name: string, value: string | undefined, fallback: number, low: number, high: number): number {
  if (value === undefined) return fallback;
  const number = /^\d{1,12}$/.test(value) ? Number(value) : Number.NaN;
  if (!(number >= low && number <= high)) {
    throw new OptionError(`--${name} must be a whole number from ${low} to ${high}, not "${value}".`);
  }
  return number;
}

function range(value: string | undefined, fallback: [number, number]): [number, number] {
  if (value === undefined) return fallback;
  const match = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(value);
  const low = Number(match?.[1]);
  const high = Number(match?.[2] ?? match?.[1]);
  if (!match || high < low) {
    throw new OptionError(`--delay-ingestion must be milliseconds such as 200 or 200-400, not "${value}".`);
  }
  return [low, high];
}

function origin(value: string): string {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || value.replace(/\/$/, "") !== url.origin) {
    throw new OptionError(`--app-origin must be an origin such as http://localhost:3000, not "${value}".`);
  }
  return url.origin;
}
