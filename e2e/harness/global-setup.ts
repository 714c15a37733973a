import { randomUUID } from "node:crypto";
import type { TestProject } from "vitest/node";
import { startProduct } from "./product";

declare module "vitest" {
  interface ProvidedContext {
    productUrl: string;
    simulatorUrl: string;
    /** Client secret of the API registration in the simulated tenant. */
    apiSecret: string;
  }
}

/** One product and one warmed simulated tenant for all browser tests. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const apiSecret = randomUUID();
  const product = await startProduct({ env: { SIMULATOR_API_SECRET: apiSecret } });
  project.provide("productUrl", product.url);
  project.provide("simulatorUrl", product.simulatorUrl);
  project.provide("apiSecret", apiSecret);
  return async () => {
    await product.stop();
  };
}
