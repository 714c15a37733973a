import "server-only";
import { createPipelineRequest } from "@azure/core-rest-pipeline";
import type { AzureAccess } from "@/lib/context";

/**
 * Whether Azure can be reached at all, by the address that tells a cloud's endpoints and needs no token; anything but an
 * error of its own counts. `within` is in milliseconds. Throws when nothing answers.
 */
export async function azureAnswers({ cloud, httpClient }: AzureAccess, within: number): Promise<boolean> {
  const url = `${cloud.arm}/metadata/endpoints?api-version=2022-09-01`;
  const { status } = await httpClient.sendRequest(createPipelineRequest({ url, method: "GET", timeout: within }));
  return status < 500;
}
