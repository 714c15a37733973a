import path from "node:path";
import type { Context } from "../context";
import { tenantFolder } from "../folder";
import type { Model } from "../model";
import { KqlEngine } from "./kql/engine";

const engines = new WeakMap<Model, KqlEngine>();

/** The tenant's one engine: the parser behind it takes seconds to start and a good deal of memory. */
export function sharedEngine(context: Context): KqlEngine {
  let engine = engines.get(context.model);
  if (!engine) {
    const { dataDir } = context.settings;
    engine = new KqlEngine(dataDir === undefined ? {} : { planFolder: path.join(tenantFolder(dataDir), "plans") });
    engines.set(context.model, engine);
  }
  return engine;
}
