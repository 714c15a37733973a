import { handleArm } from "./arm/service";
import { longText, TEXT_MAX } from "./body-texts";
import type { Timekeeper } from "./clock";
import type { RequestCounters } from "./control/counters";
import { handleControl } from "./control/service";
import { handleEntra } from "./entra/service";
import { readCaller } from "./entra/token";
import { handleGraph } from "./graph/service";
import type { SimRequest } from "./http";
import { handleKeyVault } from "./keyvault/service";
import { badArgument } from "./loganalytics/logs-errors";
import { handleLogAnalytics } from "./loganalytics/service";
import { repeatedParameter } from "./query-repeats";
import type { Services } from "./server";

/** Members of a body of the query service that are contents; the parser has a limit for them. */
const QUERY: ReadonlySet<string> = new Set(["query"]);

/** @throws AzureError 400 for a long text anywhere but in the query; a body that is not long as a whole is not read for it. */
function refuseLongTexts(request: SimRequest): void {
  const fault = request.text.length > TEXT_MAX ? longText(request.json(), QUERY) : undefined;
  if (fault) throw badArgument(fault.message);
}

/** Every service of the tenant, by the name that routing gives it. */
export function allServices(counters: RequestCounters, timekeeper: Timekeeper): Services {
  return {
    entra: handleEntra,
    identity: handleEntra,
    arm: async (request, context) =>
      handleArm({ ...context, request, caller: await readCaller(request, context, "arm") }),
    keyvault: handleKeyVault,
    loganalytics: async (request, context) => {
      const caller = await readCaller(request, context, "logs");
      const repeated = repeatedParameter(request.query);
      // The form is the service's, the sentence a guess.
      if (repeated !== undefined) throw badArgument(`The query parameter '${repeated}' was specified more than once`);
      refuseLongTexts(request);
      return handleLogAnalytics({ ...context, request, caller });
    },
    graph: handleGraph,
    control: (request, context) => handleControl(request, context, counters, timekeeper),
  };
}
