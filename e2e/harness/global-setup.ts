import type { TestProject } from "vitest/node";
import { startProduct } from "./product";

declare module "vitest" {
  interface ProvidedContext {
    productUrl: string;
    simulatorUrl: string;
  }
}

/** One product and one warmed simulated tenant for all browser tests. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const product = await startProduct();
  project.provide("productUrl", product.url);
  project.provide("simulatorUrl", product.simulatorUrl);
  return async () => {
    await product.stop();
  };
}
