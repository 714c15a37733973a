import { z } from "zod";
import type { RawRequest } from "./mutate";

export interface RawAnswer {
  status: number;
  contentType: string;
  text: string;
}

/** An answer never repeats more than this of what it was asked, bytes. */
const REFUSAL_MAX = 20_000;

const Reason = z.object({ code: z.string().min(1), message: z.string() });
const Refusal = z.object({ error: Reason });

/** Action groups and the activity log have code and message at the top of their own errors. */
const FLAT = /insights/i;

/** Traces of the implementation: stack frames, engine errors, files. */
const TRACES = [
  /^\s+at .+:\d+:\d+\)?$/m,
  /\bnode:(internal|fs|http)\b/,
  /\b(TypeError|RangeError|ReferenceError|SyntaxError: |ZodError)\b/,
  /\bsimulator\/[a-z]+\b.*\.ts\b/,
  /Cannot read propert/,
  /is not a function/,
  /\[object Object\]/,
];

/** What is wrong with an answer to a hostile request, in a sentence; undefined when nothing is. */
export function complaint(request: RawRequest, answer: RawAnswer): string | undefined {
  const { status, text } = answer;
  if (status === 500) return "answers 500";
  if (status < 200 || status > 504) return `answers the status ${status}`;
  if (status < 400) return undefined;
  const trace = TRACES.find((pattern) => pattern.test(text));
  if (trace) return `shows its inside (${trace.source})`;
  if (text.length > REFUSAL_MAX) return `refuses with ${text.length} characters`;
  if (request.method === "HEAD") return text === "" ? undefined : "answers HEAD with a body";
  if (!answer.contentType.startsWith("application/json")) return `refuses as ${answer.contentType || "nothing"}`;
  try {
    const body: unknown = JSON.parse(text);
    const worded = Refusal.safeParse(body).success || (FLAT.test(request.target) && Reason.safeParse(body).success);
    return worded ? undefined : `refuses without code and message: ${text.slice(0, 200)}`;
  } catch {
    return `refuses with what is not JSON: ${text.slice(0, 200)}`;
  }
}
