import { parseArgs } from "node:util";
import type { Delays, Settings } from "./context";
import { FAST_DELAYS, REAL_DELAYS } from "./delays";

/** A wrong command line: the message is a sentence for the person who typed it. */
export class OptionError extends Error {}

export const USAGE = `Usage: simulator [--port 4280] [--vaults 240] [--seed 1] [--data-dir FOLDER] [--rules FOLDER]
                 [--app-origin http://localhost:3000] [--fast] [--with-parent]
                 [--step-up arm|vault|logs] [--no-throttle] [--faults FILE]
                 [--delay-ingestion 2000-4000] [--delay-watchlist MS] [--delay-grant MS]
                 [--delay-diagnostics MS] [--delay-resource-graph MS]
--with-parent ends the process when its standard input closes; --step-up demands a second sign-in step for that service.`;

interface Options {
  settings: Settings;
  /** Stop when standard input closes, so that a killed parent leaves no process behind. */
  withParent: boolean;
}

/** Reads the command line; throws `OptionError`, naming the flag. */
export function parseOptions(args: string[]): Options {
  const values = parseFlags(args);
  const base = values.fast ? FAST_DELAYS : REAL_DELAYS;
  const [ingestionMin, ingestionMax] = range(values["delay-ingestion"], [base.ingestionMin, base.ingestionMax]);
  const delays: Delays = {
    ingestionMin,
    ingestionMax,
    watchlist: whole("delay-watchlist", values["delay-watchlist"], base.watchlist, 0, 86_400_000),
    grant: whole("delay-grant", values["delay-grant"], base.grant, 0, 86_400_000),
    diagnostics: whole("delay-diagnostics", values["delay-diagnostics"], base.diagnostics, 0, 86_400_000),
    resourceGraph: whole("delay-resource-graph", values["delay-resource-graph"], base.resourceGraph, 0, 86_400_000),
  };
  return {
    withParent: values["with-parent"] ?? false,
    settings: {
      port: whole("port", values.port, 4280, 0, 65_535),
      seed: whole("seed", values.seed, 1, 0, 2 ** 31 - 1),
      vaults: whole("vaults", values.vaults, 240, 1, 100_000),
      appOrigin: origin(values["app-origin"] ?? "http://localhost:3000"),
      delays,
      throttle: !values["no-throttle"],
      ...stepUp(values["step-up"]),
      ...(values["data-dir"] && { dataDir: values["data-dir"] }),
      ...(values.rules && { rulesDir: values.rules }),
      ...(values.faults && { faultsFile: values.faults }),
    },
  };
}

function stepUp(value: string | undefined): Pick<Settings, "stepUp"> {
  if (value === undefined) return {};
  if (value === "arm" || value === "vault" || value === "logs") return { stepUp: value };
  throw new OptionError(`--step-up must be arm, vault or logs, not "${value}".`);
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
        "data-dir": text,
        rules: text,
        "app-origin": text,
        fast: flag,
        "with-parent": flag,
        "step-up": text,
        "no-throttle": flag,
        faults: text,
        "delay-ingestion": text,
        "delay-watchlist": text,
        "delay-grant": text,
        "delay-diagnostics": text,
        "delay-resource-graph": text,
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
