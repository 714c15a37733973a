import path from "node:path";
import type { Context } from "../context";
import { tenantFolder } from "../folder";
import { KqlEngine } from "./kql/engine";

const engines = new Map<string, KqlEngine>();

/**
 * The one engine of this process, or of a data folder, where it keeps its plans: the parser behind it takes seconds to
 * start and a good deal of memory, and serves any number of databases.
 */
export function sharedEngine(context: Context): KqlEngine {
  const { dataDir } = context.settings;
  const folder = dataDir === undefined ? undefined : path.join(tenantFolder(dataDir), "plans");
  let engine = engines.get(folder ?? "");
  if (!engine) {
    engine = new KqlEngine(folder === undefined ? {} : { planFolder: folder });
    engines.set(folder ?? "", engine);
  }
  return engine;
}
