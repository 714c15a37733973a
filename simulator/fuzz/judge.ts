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

/** No text of any body may be so long: secrets end at 25 KB, a line of a watchlist at 10,240 characters. */
const TEXT_MAX = 100_000;

/** Action groups, diagnostic settings and the activity log have code and message at the top of their own errors. */
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

/** Requests whose bodies nobody reads. */
const BODILESS = new Set(["GET", "HEAD", "DELETE", "OPTIONS"]);

/** A text that should have been refused for its length, and where it was. */
function tooMuch({ method, target, body }: RawRequest): string | undefined {
  if (body.length < TEXT_MAX || BODILESS.has(method)) return undefined;
  const place = longPlace(parsed(body), []);
  // A batch of queries is answered as a whole, with what was refused inside.
  if (/\/\$batch\b/i.test(target.replace(/%24/g, "$")) && place?.at(-1) === "query") return undefined;
  return place === undefined ? undefined : `takes more than ${TEXT_MAX} characters at ${place.join(".")}`;
}

/** The path of the first long text under a name; what stands alone is a body that nobody reads. */
function longPlace(value: unknown, path: readonly string[]): readonly string[] | undefined {
  if (typeof value === "string") return path.length > 0 && value.length > TEXT_MAX ? path : undefined;
  if (typeof value !== "object" || value === null) return undefined;
  for (const [key, child] of Object.entries(value)) {
    const found = longPlace(child, [...path, key.slice(0, 40)]);
    if (found) return found;
  }
  return undefined;
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}

/** What is wrong with an answer to a hostile request, in a sentence; undefined when nothing is. */
export function complaint(request: RawRequest, answer: RawAnswer): string | undefined {
  const { status, text } = answer;
  if (status === 500) return "answers 500";
  if (status < 200 || status > 504) return `answers the status ${status}`;
  // An action without parameters reads no body, and answers with none.
  if (status < 400) return status === 204 ? undefined : tooMuch(request);
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
