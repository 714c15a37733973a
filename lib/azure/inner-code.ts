import "server-only";
import type { PipelinePolicy } from "@azure/core-rest-pipeline";
import { z } from "zod";

/** In which other services of Azure tell the code of an error. */
export const ERROR_CODE_HEADER = "x-ms-error-code";

const Refusal = z.object({ error: z.object({ innererror: z.object({ code: z.string() }) }) });

/**
 * Keeps why Key Vault refused. Its SDK drops what a refused page of a list says beside "Forbidden", so nobody would know whether
 * the network or a missing right stands in the way: the inner code is put into a header, which stays.
 */
export const innerCodeKept: PipelinePolicy = {
  name: "innerCodeKept",
  async sendRequest(request, next) {
    const response = await next(request);
    const code = response.status === 403 ? innerCodeOf(response.bodyAsText) : undefined;
    if (code !== undefined && !response.headers.has(ERROR_CODE_HEADER)) response.headers.set(ERROR_CODE_HEADER, code);
    return response;
  },
};

function innerCodeOf(body: string | null | undefined): string | undefined {
  try {
    return Refusal.safeParse(JSON.parse(body ?? "")).data?.error.innererror.code;
  } catch {
    return undefined;
  }
}
