import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { tenantFolder } from "../folder";
import { OptionError } from "../options";
import { KqlError, type KqlErrorCode } from "./kql/errors";
import { QueryAnswer } from "./query-answer";

/** Where `npm run simulator` listens when nobody says otherwise. */
const DEFAULT_PORT = 4280;
const HEALTH_MS = 3000;

const Lock = z.object({ port: z.int() });
const Health = z.object({ status: z.literal("ok") });
const Refusal = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    innererror: z.object({ position: z.number() }).optional(),
  }),
});

/** The port of a tenant that answers: the one that is named, else that of the data folder, else the default one. */
export async function runningTenant(port: string | undefined, dataDir: string): Promise<number | undefined> {
  if (port !== undefined) {
    const number = /^\d{1,5}$/.test(port) ? Number(port) : 0;
    if (number < 1 || number > 65_535) throw new OptionError(`--port must be from 1 to 65535, not "${port}".`);
    if (!(await answers(number))) throw new OptionError(`No simulated tenant answers on port ${number}.`);
    return number;
  }
  for (const candidate of [portOfFolder(dataDir), DEFAULT_PORT]) {
    if (candidate !== undefined && (await answers(candidate))) return candidate;
  }
  return undefined;
}

function portOfFolder(dataDir: string): number | undefined {
  const file = path.join(tenantFolder(dataDir), "lock.json");
  if (!existsSync(file)) return undefined;
  try {
    return Lock.parse(JSON.parse(readFileSync(file, "utf8"))).port;
  } catch {
    // Written by a tenant that is still starting.
    return undefined;
  }
}

async function answers(port: number): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/sim/health`, { signal: AbortSignal.timeout(HEALTH_MS) });
    return Health.safeParse(await response.json()).success;
  } catch {
    return false;
  }
}

/** Asks a running tenant. @throws KqlError when it refuses the query. */
export async function askTenant(
  port: number,
  wish: { query: string; timespan?: string | undefined },
): Promise<QueryAnswer> {
  const response = await fetch(`http://127.0.0.1:${port}/sim/query`, { method: "POST", body: JSON.stringify(wish) });
  const body: unknown = await response.json();
  if (response.ok) return QueryAnswer.parse(body);
  const refusal = Refusal.safeParse(body);
  if (!refusal.success) throw new OptionError(`The tenant on port ${port} answered ${response.status}.`);
  const { code, message, innererror } = refusal.data.error;
  if (!isKqlCode(code)) throw new OptionError(message);
  throw new KqlError(code, message, innererror?.position);
}

const CODES: ReadonlySet<string> = new Set<KqlErrorCode>([
  "NotSupported",
  "QueryTooComplex",
  "EvaluationFailed",
  "RowLimitExceeded",
  "TimeLimitExceeded",
  "MemoryLimitExceeded",
  "ParserFailed",
]);

function isKqlCode(code: string): code is KqlErrorCode {
  return CODES.has(code) || /^KS\d/.test(code);
}
