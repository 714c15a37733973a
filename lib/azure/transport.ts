import "server-only";
import type { HttpClient } from "@azure/core-rest-pipeline";
import type { Config } from "@/lib/config";

/** The one wire to Azure: every SDK client of this product is built with it. */
export function httpClientFor(_config: Config): HttpClient {
  throw new Error("being written");
}
