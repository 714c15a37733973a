import { randomUUID } from "node:crypto";
import { AzureError } from "../http";
import { KqlError } from "./kql/errors";

/** `{ code, message, innererror? }`, as deep as the service nests it. */
interface ErrorInfo {
  code: string;
  message: string;
  innererror?: ErrorInfo | Record<string, unknown>;
}

/** An error of the query service: its body also names the correlation id of the request. */
export function logsError(status: number, info: ErrorInfo, headers: Record<string, string> = {}): AzureError {
  return new LogsError(status, info, headers);
}

class LogsError extends AzureError {
  constructor(
    status: number,
    private readonly info: ErrorInfo,
    headers: Record<string, string>,
  ) {
    super(status, info.code, info.message, { headers, innererror: info.innererror });
  }

  override toResponse() {
    const { message, code, innererror } = this.info;
    const error = { message, code, correlationId: randomUUID(), ...(innererror && { innererror }) };
    return { status: this.status, headers: this.extra.headers ?? {}, body: { error } };
  }
}

/** 400 for a request whose form is wrong; `detail` says what. */
export function badArgument(detail: string): AzureError {
  const innererror = { code: "InvalidArgument", message: detail };
  return logsError(400, { code: "BadArgumentError", message: "The request had some invalid properties", innererror });
}

/** What the parser reports about the form of a text, in contrast to the names and types in it. */
const SYNTAX_CODES = /^KS(0\d\d|176|189|198|22\d)$/;

/** Characters of a diagnosis: it names what the query names, which may be anything. */
const DIAGNOSIS_MAX = 1000;

/** The answer to a query that was refused or failed. `text` is the query, for the line and column of a syntax error. */
export function queryFailed(failure: KqlError, text: string): AzureError {
  const error = new KqlError(failure.code, failure.message.slice(0, DIAGNOSIS_MAX), failure.position);
  const message = "The request had some invalid properties";
  switch (error.code) {
    case "TimeLimitExceeded":
      return logsError(504, {
        code: "GatewayTimeout",
        message: "The query did not finish in time.",
        innererror: { code: "GatewayTimeout", message: error.message },
      });
    case "RowLimitExceeded":
    case "MemoryLimitExceeded":
      return runawayQuery(error);
    case "ParserFailed":
      return logsError(500, { code: "InternalServerError", message: error.message });
    case "NotSupported":
    case "QueryTooComplex":
    case "EvaluationFailed":
      return logsError(400, {
        code: "BadArgumentError",
        message,
        innererror: { code: error.code, message: error.message },
      });
    default:
      return logsError(400, { code: "BadArgumentError", message, innererror: diagnosis(error, text) });
  }
}

/**
 * A query that grew beyond its budget: the service answers 200 with what it has, here nothing, and a partial error.
 * Source: answers of the service quoted in issues of the public Sentinel repository.
 */
function runawayQuery(error: KqlError): AzureError {
  const innererror = {
    code: "-2133196799",
    message: `${error.message}. Results may be incorrect or incomplete (E_RUNAWAY_QUERY; see https://aka.ms/kustoquerylimits).`,
    severity: 2,
    severityName: "Error",
  };
  const engine = "Something went wrong processing your query on the server.";
  const details = [{ code: "EngineError", message: engine, innererror }];
  return new PartialAnswer({
    code: "PartialError",
    message: "There were some errors when processing your query.",
    details,
  });
}

class PartialAnswer extends AzureError {
  constructor(private readonly error: { code: string; message: string; details: unknown[] }) {
    super(200, error.code, error.message);
  }

  override toResponse() {
    const tables = [{ name: "PrimaryResult", columns: [], rows: [] }];
    return { status: 200, body: { tables, error: this.error } };
  }
}

function diagnosis(error: KqlError, text: string): ErrorInfo {
  if (!SYNTAX_CODES.test(error.code))
    return {
      code: "SemanticError",
      message: "A semantic error occurred.",
      innererror: { code: "SEM0100", message: error.message },
    };
  const before = text.slice(0, error.position ?? 0).split("\n");
  const token = /^\S{0,40}/.exec(text.slice(error.position ?? 0))?.[0] ?? "";
  return {
    code: "SyntaxError",
    message: "A recognition error occurred in the query.",
    innererror: {
      code: "SYN0002",
      message: error.message,
      line: before.length,
      pos: before.at(-1)?.length ?? 0,
      token,
    },
  };
}
