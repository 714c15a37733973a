import { z } from "zod";
import { bodyFault } from "../body-fault";
import { longText } from "../body-texts";
import type { Call } from "../context";
import { badRequest } from "./errors";

/** A member of an enumeration, in any casing, as Graph takes it. */
export function word<const Words extends readonly string[]>(words: Words) {
  return z.string().transform((text, refinement): Words[number] => {
    const found = words.find((one) => one.toLowerCase() === text.toLowerCase());
    if (found !== undefined) return found;
    refinement.addIssue("is not a value that can be set");
    return z.NEVER;
  });
}

/** The body of a Graph write, checked. Throws 400 with the path of the first field that does not fit. */
export function readGraphBody<T>(call: Call, schema: z.ZodType<T>): T {
  let parsed: unknown;
  try {
    parsed = JSON.parse(call.request.text);
  } catch {
    throw badRequest(
      "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.",
    );
  }
  const result = schema.safeParse(parsed);
  const fault = result.success ? longText(parsed) : bodyFault(result.error, parsed);
  if (!result.success || fault) {
    throw badRequest(`Invalid value specified for property '${fault?.path ?? ""}'. ${fault?.message ?? ""}`);
  }
  return result.data;
}
