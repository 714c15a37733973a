import type http from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { Fault } from "./rules";

/** An answer as it would go out: status, headers with its length, body. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  text: string;
}

/** Puts an answer on the wire, with what the fault does to the wire. */
export async function deliver(answer: http.ServerResponse, content: Answer, fault: Fault | undefined): Promise<void> {
  switch (fault?.kind) {
    case "timeout":
      // The connection ends when the caller closes it, or with the server.
      return;
    case "slow":
      await sleep(fault.milliseconds, undefined, { ref: false });
      return whole(answer, content);
    case "reset":
      return fault.at === "start" ? reset(answer) : resetInBody(answer, content);
    case "truncated":
      return whole(answer, cut(content));
    default:
      return whole(answer, content);
  }
}

function whole(answer: http.ServerResponse, { status, headers, text }: Answer): void {
  if (answer.destroyed) return;
  answer.writeHead(status, headers);
  answer.end(text === "" ? undefined : text);
}

function reset(answer: http.ServerResponse): void {
  answer.socket?.resetAndDestroy();
}

/** The headers promise the whole body; half of it arrives. */
function resetInBody(answer: http.ServerResponse, { status, headers, text }: Answer): void {
  answer.writeHead(status, headers);
  answer.write(half(text), () => reset(answer));
}

function cut(content: Answer): Answer {
  const text = half(content.text);
  return { ...content, text, headers: { ...content.headers, "content-length": String(Buffer.byteLength(text)) } };
}

/** At least one character less than the whole, so that it is no JSON any more. */
function half(text: string): string {
  return text.slice(0, Math.floor(text.length / 2));
}
