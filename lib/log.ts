import "server-only";
import { type DestinationStream, type Logger, pino } from "pino";
import { azureErrorOf } from "./azure/azure-error";
import { logLevel } from "./config";
import { AppError } from "./errors";
import { currentTrace } from "./telemetry/spans";

/** Fields whose content is never written, whatever holds them. */
const SECRET_FIELD =
  /^(authorization|cookie|set-cookie|x-identity-header|token|.*(access|refresh|id)_?token|.*assertion|.*secret|password|value|values|rawcontent|claims|connectionstring)$/i;
/** A JSON Web Token, or anything after `Bearer`, inside a text. */
const TOKEN_TEXT = /\beyJ[A-Za-z0-9_-]{5,}(\.[A-Za-z0-9_-]*){1,4}|\bBearer\s+[A-Za-z0-9._~+/=-]+/gi;
const REMOVED = "[removed]";
const DEPTH_MAX = 6;
const TEXT_MAX = 2_000;

/** Makes a log that writes JSON lines; tokens, secret values and Azure's own error texts are taken out on the way. */
export function createLog(destination?: DestinationStream): Logger {
  const options = {
    name: "honeytokens",
    level: logLevel(),
    base: null,
    mixin: currentTrace,
    formatters: { log: (fields: Record<string, unknown>) => cleanFields(fields, 0) },
    serializers: { err: (error: unknown) => error },
    hooks: {
      logMethod(this: Logger, inputs: unknown[], method: (this: Logger, ...inputs: unknown[]) => void) {
        method.apply(
          this,
          inputs.map((input) => (typeof input === "string" ? cleanText(input) : input)),
        );
      },
    },
  };
  return destination ? pino(options, destination) : pino(options);
}

/** The product's log. With a request: `log.child({ requestId })`. */
export const log: Logger = createLog();

function cleanFields(fields: object, depth: number): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, SECRET_FIELD.test(name) ? REMOVED : clean(value, depth + 1)]),
  );
}

function clean(value: unknown, depth: number): unknown {
  if (typeof value === "string") return cleanText(value);
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  if (depth > DEPTH_MAX) return "[deep]";
  if (value instanceof Error) return describe(value, depth);
  if (Array.isArray(value)) return value.map((one) => clean(one, depth + 1));
  return cleanFields(value, depth);
}

function cleanText(text: string): string {
  const cleaned = text.replace(TOKEN_TEXT, REMOVED);
  return cleaned.length > TEXT_MAX ? `${cleaned.slice(0, TEXT_MAX)}…` : cleaned;
}

/**
 * An error without what it may carry. An SDK error holds the whole request, and its message repeats object names, so of
 * those only status and codes are kept; so it is with parser errors, which quote their input.
 */
function describe(error: Error, depth: number): Record<string, unknown> {
  const azure = error instanceof AppError ? undefined : azureErrorOf(error);
  const quotes = azure !== undefined || ["SyntaxError", "ZodError", "RestError"].includes(error.name);
  return {
    type: error.name,
    ...(!quotes && { message: cleanText(error.message) }),
    ...(error instanceof AppError && { code: error.failure.code }),
    ...(azure && { status: azure.status, codes: azure.codes }),
    stack: (error.stack ?? "")
      .split("\n")
      .filter((line) => /^\s+at /.test(line))
      .slice(0, 12),
    ...(error.cause !== undefined && { cause: clean(error.cause, depth + 1) }),
  };
}
