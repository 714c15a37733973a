import "server-only";
import {
  bearerTokenAuthenticationPolicy,
  createHttpHeaders,
  createPipelineFromOptions,
  createPipelineRequest,
  type Pipeline,
  type PipelineResponse,
  RestError,
} from "@azure/core-rest-pipeline";
import { decodeJwt } from "jose";
import { z } from "zod";
import type { AzureAccess } from "@/lib/context";
import { keepPerAccess } from "./clients";

/* Microsoft Graph, through the same wire and clients as the rest of Azure. */

function pipelineOf(azure: AzureAccess, maxRetries?: number): Pipeline {
  const pipeline = createPipelineFromOptions(maxRetries === undefined ? {} : { retryOptions: { maxRetries } });
  const scopes = [`${azure.cloud.graph}/.default`];
  pipeline.addPolicy(bearerTokenAuthenticationPolicy({ credential: azure.credential, scopes }), { phase: "Sign" });
  return pipeline;
}

const pipelineFor = keepPerAccess((azure) => pipelineOf(azure));
const pipelineOnceFor = keepPerAccess((azure) => pipelineOf(azure, 0));

/**
 * One request, and the parsed body of its answer. A POST is sent once: what it makes has no id of ours by which a
 * repetition could be told from a second one.
 *
 * @param path from the root, as `/v1.0/...`, encoded
 * @throws RestError for an answer that is no success
 */
export async function sendGraph(
  azure: AzureAccess,
  method: "GET" | "PATCH" | "POST",
  path: string,
  body?: object,
): Promise<unknown> {
  const request = createPipelineRequest({
    url: `${azure.cloud.graph}${path}`,
    method,
    ...(body && {
      body: JSON.stringify(body),
      headers: createHttpHeaders({ "content-type": "application/json" }),
    }),
  });
  const pipeline = (method === "POST" ? pipelineOnceFor : pipelineFor)(azure, "");
  const response: PipelineResponse = await pipeline.sendRequest(azure.httpClient, request);
  if (response.status < 200 || response.status > 299) {
    throw new RestError("Graph refused", { statusCode: response.status, request, response });
  }
  const answer: unknown = JSON.parse(response.bodyAsText || "null");
  return answer;
}

const PAGES_MAX = 100;

/**
 * Every item of a list, to its last page.
 *
 * @throws RestError for an answer that is no success; ZodError for one of another form
 */
export async function listGraph<T>(azure: AzureAccess, path: string, item: z.ZodType<T>): Promise<T[]> {
  const Page = z.object({ value: z.array(item), "@odata.nextLink": z.url().optional() });
  const all: T[] = [];
  let next: string | undefined = path;
  for (let page = 0; next !== undefined && page < PAGES_MAX; page++) {
    const answer: z.infer<typeof Page> = Page.parse(await sendGraph(azure, "GET", next));
    all.push(...answer.value);
    const link: string | undefined = answer["@odata.nextLink"];
    // Only what follows the host is taken over: the token goes nowhere but to Graph.
    next = link && new URL(link).pathname + new URL(link).search;
  }
  return all;
}

const Claims = z.object({ roles: z.array(z.string()).optional() });

/**
 * Application permissions of an identity of ours, as its token for Graph says. Undefined where the token does not tell:
 * Microsoft keeps its form to itself, so this is good for showing and for nothing else.
 */
export async function graphPermissionsOf(azure: AzureAccess): Promise<string[] | undefined> {
  const answer = await azure.credential.getToken(`${azure.cloud.graph}/.default`);
  try {
    return Claims.parse(decodeJwt(answer?.token ?? "")).roles ?? [];
  } catch {
    return undefined;
  }
}
