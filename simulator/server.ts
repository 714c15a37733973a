import { randomUUID } from "node:crypto";
import http from "node:http";
import type { Duplex } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";
import type { Context } from "./context";
import type { RequestCounters } from "./control/counters";
import { answerWithFault } from "./faults/answers";
import { type Answer, deliver } from "./faults/deliver";
import { faultsOf } from "./faults/injector";
import type { Fault } from "./faults/rules";
import { AzureError, type SimRequest, type SimResponse } from "./http";
import { checkLength, HEAD_BYTES_MAX, readRequest, readTarget } from "./request";
import { notJson, type ServiceName, serviceOf } from "./routing";

export type Services = Record<ServiceName, (request: SimRequest, context: Context) => Promise<SimResponse>>;

interface ServerOptions {
  context: Context;
  services: Services;
  counters: RequestCounters;
  /** Writes what the request changed; called before every answer. */
  commit(): void;
  /** Told about faults of our own, which callers see only as a 500 with this request id. */
  onFault(error: unknown, requestId: string): void;
}

/** The one HTTP server of the simulated tenant. Every service of it answers here, told apart by host. */
export function createServer(options: ServerOptions): http.Server {
  const server = http.createServer({ maxHeaderSize: HEAD_BYTES_MAX }, (message, answer) => {
    const requestId = randomUUID();
    respond(options, message, requestId)
      .then((outcome) => {
        if (outcome === "nobody waits") {
          answer.destroy();
          return;
        }
        const { response, fault } = outcome;
        // Nobody waits for what is left of a body that was refused unread.
        if (!message.complete) message.resume();
        const date = new Date(options.context.now());
        return deliver(answer, content(response, { requestId, date, headOnly: message.method === "HEAD" }), fault);
      })
      .catch((error: unknown) => {
        options.onFault(error, requestId);
        answer.destroy();
      });
  });
  server.on("clientError", refuseUnread);
  server.keepAliveTimeout = 60_000;
  server.requestTimeout = 60_000;
  return server;
}

/** What is not HTTP, or has a head that nobody would read to its end, is refused with a body too. */
function refuseUnread(error: Error & { code?: string }, socket: Duplex): void {
  if (!socket.writable || error.code === "ECONNRESET") {
    socket.destroy();
    return;
  }
  const long = error.code === "HPE_HEADER_OVERFLOW";
  const { body } = new AzureError(
    long ? 431 : 400,
    long ? "RequestHeaderFieldsTooLarge" : "BadRequest",
    long ? "The head of the request is too long." : "The request is not valid HTTP.",
  ).toResponse();
  const text = JSON.stringify(body);
  const head = [
    long ? "HTTP/1.1 431 Request Header Fields Too Large" : "HTTP/1.1 400 Bad Request",
    "content-type: application/json; charset=utf-8",
    `content-length: ${Buffer.byteLength(text)}`,
    "connection: close",
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${text}`);
}

/** An answer, and what is done to it on its way out. */
interface Outcome {
  response: SimResponse;
  fault?: Fault | undefined;
}

async function respond(
  options: ServerOptions,
  message: http.IncomingMessage,
  requestId: string,
): Promise<Outcome | "nobody waits"> {
  try {
    const outcome = await outcomeOf(options, message);
    options.commit();
    return outcome;
  } catch (error) {
    if (error instanceof AzureError) {
      options.commit();
      return { response: error.toResponse() };
    }
    options.onFault(error, requestId);
    const message = `An unexpected error occurred. Request id: ${requestId}.`;
    return { response: new AzureError(500, "InternalServerError", message).toResponse() };
  }
}

async function outcomeOf(options: ServerOptions, message: http.IncomingMessage): Promise<Outcome | "nobody waits"> {
  const { context, counters, services } = options;
  const forwarded = message.headers["x-forwarded-host"];
  const target = serviceOf(
    { host: message.headers.host, forwardedHost: Array.isArray(forwarded) ? forwarded[0] : forwarded },
    readTarget(message.url ?? "/").path,
    context.identity.tenantId,
  );
  if (!target) throw new AzureError(421, "MisdirectedRequest", "This host is not served by the simulated tenant.");
  checkLength(message.url ?? "/");
  const request = await readRequest(message, target.host, notJson(target.service));
  // On a busy machine a request may lie unread for minutes, until its caller is gone: that late Azure does nothing.
  // Its end is read one turn after it.
  await turn();
  await turn();
  if (message.socket.readableEnded || message.socket.destroyed) return "nobody waits";
  counters.count(target.service, request);
  const fault = faultsOf(context).take(target.service, request);
  const answer = () => services[target.service](request, context);
  if (!fault) return { response: await answer() };
  return { fault, response: await answerWithFault(fault, target.service, request, context, answer) };
}

interface Exchange {
  requestId: string;
  /** The tenant's time, which a skewed or virtual clock sets apart from the machine's. */
  date: Date;
  headOnly: boolean;
}

function content({ status, headers = {}, body }: SimResponse, { requestId, date, headOnly }: Exchange): Answer {
  const text = body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body);
  const all: Record<string, string> = {
    "x-ms-request-id": requestId,
    "x-ms-correlation-request-id": requestId,
    date: date.toUTCString(),
    "cache-control": "no-cache",
    "x-content-type-options": "nosniff",
    ...(body !== undefined && { "content-type": "application/json; charset=utf-8" }),
    ...headers,
  };
  // 204 and 304 have no body, and a length would make clients wait for one.
  const bodyless = status === 204 || status === 304;
  if (!bodyless) all["content-length"] = String(Buffer.byteLength(text));
  return { status, headers: all, text: headOnly || bodyless ? "" : text };
}
