import { recordActivity } from "../arm/activity";
import { parameter } from "../arm/respond";
import { authorize, requireScope } from "../arm/scope";
import type { Call } from "../context";
import { derivedGuid } from "../derived-id";
import { AzureError, type Router, type SimResponse } from "../http";
import type { PolicyScan } from "./documents";

const TRIGGER = "providers/Microsoft.PolicyInsights/policyStates/latest/triggerEvaluation";
const RESULTS = "providers/Microsoft.PolicyInsights/asyncOperationResults";
const ACTION = "Microsoft.PolicyInsights/policyStates/triggerEvaluation/action";
const DAY = 86_400_000;

/** A compliance scan on demand: 202 with the address to ask until it is done, which takes `delays.policy`. */
export function routePolicyScans(router: Router<Call>): void {
  for (const scope of ["/subscriptions/{s}", "/subscriptions/{s}/resourceGroups/{g}"]) {
    router.on("POST", `${scope}/${TRIGGER}`, trigger);
  }
  router.on("GET", `/subscriptions/{s}/${RESULTS}/{id}`, (call, params) => {
    authorize(call, "Microsoft.PolicyInsights/asyncOperationResults/read", `/subscriptions/${params.s}`);
    const scan = call.model.policyScans.get(params.id ?? "");
    const mine = `/subscriptions/${params.s?.toLowerCase()}`;
    if (!scan || !`${scan.scope}/`.startsWith(`${mine}/`)) {
      throw new AzureError(404, "NotFound", `The operation '${params.id}' could not be found.`);
    }
    return scan.completesAt <= call.now() ? { status: 200 } : accepted(call, scan, params.s ?? "");
  });
}

function trigger(call: Call, params: Record<string, string>): SimResponse {
  const wanted =
    params.g === undefined ? `/subscriptions/${params.s}` : `/subscriptions/${params.s}/resourceGroups/${params.g}`;
  authorize(call, ACTION, wanted);
  const scope = requireScope(call, wanted).id.toLowerCase();
  const now = call.now();
  for (const old of [...call.model.policyScans.values()]) {
    if (old.completesAt + DAY < now) call.model.policyScans.delete(old.id);
  }
  // A scan of the same scope that is under way answers for this one too.
  const running = [...call.model.policyScans.values()].find((scan) => scan.scope === scope && scan.completesAt > now);
  const scan = running ?? {
    id: derivedGuid(call, `policy scan ${scope}`),
    scope,
    startedAt: now,
    completesAt: now + call.settings.delays.policy,
  };
  call.model.policyScans.put(scan.id, scan);
  recordActivity(call, { action: ACTION, scope: wanted, status: 202 });
  return accepted(call, scan, params.s ?? "");
}

function accepted(call: Call, { id, completesAt }: PolicyScan, subscription: string): SimResponse {
  const seconds = Math.min(15, Math.max(1, Math.ceil((completesAt - call.now()) / 1000)));
  const version = parameter(call, "api-version") ?? "";
  const location = `https://management.azure.com/subscriptions/${subscription}/${RESULTS}/${id}?api-version=${version}`;
  return { status: 202, headers: { location, "retry-after": String(seconds) } };
}
