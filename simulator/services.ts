import { handleArm } from "./arm/service";
import type { Timekeeper } from "./clock";
import type { RequestCounters } from "./control/counters";
import { handleControl } from "./control/service";
import { handleEntra } from "./entra/service";
import { readCaller } from "./entra/token";
import { handleGraph } from "./graph/service";
import { handleKeyVault } from "./keyvault/service";
import { handleLogAnalytics } from "./loganalytics/service";
import type { Services } from "./server";

/** Every service of the tenant, by the name that routing gives it. */
export function allServices(counters: RequestCounters, timekeeper: Timekeeper): Services {
  return {
    entra: handleEntra,
    identity: handleEntra,
    arm: async (request, context) =>
      handleArm({ ...context, request, caller: await readCaller(request, context, "arm") }),
    keyvault: handleKeyVault,
    loganalytics: async (request, context) =>
      handleLogAnalytics({ ...context, request, caller: await readCaller(request, context, "logs") }),
    graph: handleGraph,
    control: (request, context) => handleControl(request, context, counters, timekeeper),
  };
}
