import { z } from "zod";
import { recordActivity } from "../arm/activity";
import { badRequest } from "../arm/errors";
import { readFilter } from "../arm/filter";
import { created, iso, noContent, ok, parameter, readBody } from "../arm/respond";
import { authorize } from "../arm/scope";
import type { Call, Context } from "../context";
import { AzureError, type Router, type SimResponse } from "../http";
import type { PricingSetting } from "./documents";
import { findPlan, PLANS, type Plan, settingOf } from "./plans";
import { requireSecurityScope } from "./scope";

const ALL = "/{scope*}/providers/Microsoft.Security/pricings";
const READ = "Microsoft.Security/pricings/read";
const WRITE = "Microsoft.Security/pricings/write";
const DELETE = "Microsoft.Security/pricings/delete";

const DAY = 86_400_000;
const TRIAL_MS = 30 * DAY;

/** From this version on a plan can be set for one machine, and tells coverage and inheritance. */
const BY_RESOURCE = "2024-01-01";
const WITH_EXTENSIONS = "2023-01-01";

const Body = z.object({
  properties: z.object({
    pricingTier: z.enum(["Free", "Standard"]),
    subPlan: z.string().max(100).nullish(),
    enforce: z.enum(["True", "False"]).nullish(),
    extensions: z
      .array(
        z.object({
          name: z.string().min(1).max(200),
          isEnabled: z.enum(["True", "False"]),
          additionalExtensionProperties: z.record(z.string(), z.unknown()).nullish(),
        }),
      )
      .max(50)
      .nullish(),
  }),
});

type Input = z.infer<typeof Body>["properties"];

/** Plans of Defender for Cloud: list, get, put at a subscription; for one virtual machine also delete. */
export function routePricings(router: Router<Call>): void {
  router.on("GET", ALL, (call, params) => {
    const place = placeOf(call, params.scope ?? "", READ);
    const wanted = readFilter(parameter(call, "$filter")).equals.get("plans")?.toLowerCase().split(",");
    const plans = place.plans.filter(({ name }) => wanted === undefined || wanted.includes(name.toLowerCase()));
    return ok({ value: plans.map((plan) => body(call, place, plan)) });
  });

  router.on("GET", `${ALL}/{n}`, (call, params) => {
    const place = placeOf(call, params.scope ?? "", READ);
    return ok(body(call, place, requirePlan(place, params.n ?? "")));
  });

  router.on("PUT", `${ALL}/{n}`, put);

  router.on("DELETE", `${ALL}/{n}`, (call, params) => {
    const place = placeOf(call, params.scope ?? "", DELETE);
    const plan = requirePlan(place, params.n ?? "");
    if (!place.machine) throw badRequest("The plan of a subscription cannot be deleted. Set it to Free instead.");
    if (!call.model.pricingSettings.delete(`${place.scope}/${plan.name}`)) return noContent();
    recordActivity(call, { action: DELETE, scope: pricingId(place.scope, plan), status: 200 });
    return { status: 200 };
  });
}

/** Where a plan is asked for: a subscription, or a machine, which inherits from its subscription. */
interface Place {
  scope: string;
  subscriptionId: string;
  machine: boolean;
  plans: readonly Plan[];
}

function placeOf(call: Call, scope: string, action: string): Place {
  authorize(call, action, scope);
  const found = requireSecurityScope(call, scope);
  const subscriptionId = found.split("/")[2] ?? "";
  if (/^\/subscriptions\/[^/]+$/i.test(found)) {
    return { scope: found.toLowerCase(), subscriptionId, machine: false, plans: PLANS };
  }
  const machine = /\/virtualMachines\/[^/]+$/i.test(found) && (parameter(call, "api-version") ?? "") >= BY_RESOURCE;
  if (!machine) {
    throw badRequest("Resource level pricing is supported for virtual machines only.", "UnsupportedResourceType");
  }
  const plans = PLANS.filter(({ name }) => name === "VirtualMachines");
  return { scope: found.toLowerCase(), subscriptionId, machine: true, plans };
}

function requirePlan({ plans }: Place, name: string): Plan {
  const plan = findPlan(name);
  if (!plan || !plans.includes(plan)) {
    throw new AzureError(404, "ResourceNotFound", `The pricing bundle '${name}' does not exist at this scope.`);
  }
  return plan;
}

function put(call: Call, params: Record<string, string>): SimResponse {
  const place = placeOf(call, params.scope ?? "", WRITE);
  const plan = requirePlan(place, params.n ?? "");
  const { properties } = readBody(call, Body, "InvalidRequestContent");
  const present = currentSetting(call, place, plan);
  check(place, plan, present, properties);
  const standard = properties.pricingTier === "Standard";
  const subPlan = properties.subPlan ?? (standard ? (present.subPlan ?? plan.subPlans[0]) : undefined);
  const enabledAt = present.tier === "Standard" ? present.enabledAt : call.now();
  const extensions = (properties.extensions ?? []).map(({ additionalExtensionProperties, ...rest }) => ({
    ...rest,
    ...(additionalExtensionProperties ? { additionalExtensionProperties } : {}),
  }));
  const setting: PricingSetting = {
    scope: place.scope,
    plan: plan.name,
    tier: properties.pricingTier,
    ...(standard && subPlan !== undefined ? { subPlan } : {}),
    ...(properties.enforce ? { enforce: properties.enforce === "True" } : {}),
    ...(standard && enabledAt !== undefined ? { enabledAt } : {}),
    ...(standard || present.firstEnabledAt !== undefined
      ? { firstEnabledAt: present.firstEnabledAt ?? call.now() }
      : {}),
    // The list that is sent replaces the present one; none sent leaves it.
    ...(properties.extensions ? { extensions } : present.extensions ? { extensions: present.extensions } : {}),
  };
  const first = call.model.pricingSettings.get(`${place.scope}/${plan.name}`) === undefined;
  call.model.pricingSettings.put(`${place.scope}/${plan.name}`, setting);
  recordActivity(call, { action: WRITE, scope: pricingId(place.scope, plan), status: 200 });
  // A plan of a subscription always exists; the setting of a machine comes into being.
  return place.machine && first ? created(body(call, place, plan)) : ok(body(call, place, plan));
}

function check(place: Place, plan: Plan, present: PricingSetting, given: Input): void {
  const { subPlan } = given;
  const known = [...plan.subPlans, ...(plan.legacySubPlans ?? [])];
  if (given.pricingTier === "Free") {
    if (subPlan) throw badRequest("A sub plan cannot be set when the pricing tier is Free.", "InvalidSubPlan");
    return;
  }
  if (plan.replacedBy && present.tier !== "Standard") {
    throw badRequest(
      `The plan '${plan.name}' is deprecated and replaced by '${plan.replacedBy.join(", ")}'.`,
      "DeprecatedPlan",
    );
  }
  if (subPlan && !known.some((name) => name.toLowerCase() === subPlan.toLowerCase())) {
    throw badRequest(`The sub plan '${subPlan}' of the plan '${plan.name}' is not valid.`, "InvalidSubPlan");
  }
  if (place.machine && subPlan?.toLowerCase() !== "p1") {
    throw badRequest("At a resource only the sub plan P1 can be enabled.", "InvalidSubPlan");
  }
  checkLegacy(plan, present, subPlan);
}

/**
 * Since 5 July 2026 nobody can begin with a legacy sub plan; where it is on, it stays. A request for the plan of Key Vault
 * without a sub plan means the legacy one too.
 */
function checkLegacy(plan: Plan, present: PricingSetting, subPlan: string | null | undefined): void {
  const legacy = plan.legacySubPlans ?? [];
  const implied = subPlan ?? (present.tier === "Standard" ? present.subPlan : legacy[0]);
  const asked = legacy.find((name) => name.toLowerCase() === implied?.toLowerCase());
  if (asked === undefined) return;
  if (present.tier === "Standard" && present.subPlan?.toLowerCase() === asked.toLowerCase()) return;
  throw badRequest(
    `Enabling the sub plan '${asked}' of the plan '${plan.name}' is no longer supported. Use '${plan.subPlans[0]}'.`,
    "LegacySubPlanNotSupported",
  );
}

/** What counts at a place: a machine without a setting of its own has that of its subscription. */
function currentSetting(context: Context, place: Place, plan: Plan): PricingSetting {
  const own = place.machine ? context.model.pricingSettings.get(`${place.scope}/${plan.name}`) : undefined;
  return own ?? settingOf(context, place.subscriptionId, plan);
}

function pricingId(scope: string, plan: Plan): string {
  return `${scope}/providers/Microsoft.Security/pricings/${plan.name}`;
}

function body(call: Call, place: Place, plan: Plan) {
  const version = parameter(call, "api-version") ?? BY_RESOURCE;
  const own = place.machine && call.model.pricingSettings.get(`${place.scope}/${plan.name}`) !== undefined;
  const properties = pricingProperties(call, currentSetting(call, place, plan), plan);
  const { pricingTier, subPlan, freeTrialRemainingTime, deprecated, replacedBy } = properties;
  const old = {
    pricingTier,
    ...(subPlan === undefined ? {} : { subPlan }),
    freeTrialRemainingTime,
    ...(deprecated === undefined ? {} : { deprecated, replacedBy }),
  };
  const extended = { ...old, ...(properties.extensions ? { extensions: properties.extensions } : {}) };
  const { enforce, resourcesCoverageStatus, ...machine } = properties;
  const inherited = {
    inherited: own ? "False" : "True",
    ...(own ? {} : { inheritedFrom: `/subscriptions/${place.subscriptionId}` }),
  };
  return {
    id: pricingId(place.scope, plan),
    name: plan.name,
    type: "Microsoft.Security/pricings",
    properties:
      version < WITH_EXTENSIONS
        ? old
        : version < BY_RESOURCE
          ? extended
          : place.machine
            ? { ...machine, ...inherited }
            : { ...machine, enforce, resourcesCoverageStatus },
  };
}

/** `properties` of a subscription's plan in the newest version; Resource Graph shows the same. */
export function pricingProperties(context: Pick<Context, "now">, setting: PricingSetting, plan: Plan) {
  const { tier, subPlan, enabledAt, firstEnabledAt, extensions } = setting;
  const left = firstEnabledAt === undefined ? TRIAL_MS : Math.max(0, firstEnabledAt + TRIAL_MS - context.now());
  const standard = tier === "Standard";
  return {
    pricingTier: tier,
    ...(subPlan === undefined ? {} : { subPlan }),
    freeTrialRemainingTime: duration(left),
    ...(standard && enabledAt !== undefined ? { enablementTime: iso(enabledAt) } : {}),
    enforce: setting.enforce ? "True" : "False",
    resourcesCoverageStatus: standard ? "FullyCovered" : "NotCovered",
    ...(standard && extensions ? { extensions } : {}),
    ...(plan.replacedBy ? { deprecated: true, replacedBy: plan.replacedBy } : {}),
  };
}

/** ISO 8601 of a span in milliseconds: `P29DT13H`, `PT0S`. */
function duration(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  if (seconds === 0) return "PT0S";
  const days = Math.floor(seconds / 86_400);
  const parts = [
    [Math.floor((seconds % 86_400) / 3600), "H"],
    [Math.floor((seconds % 3600) / 60), "M"],
    [seconds % 60, "S"],
  ] as const;
  const time = parts.map(([count, unit]) => (count === 0 ? "" : `${count}${unit}`)).join("");
  return `P${days === 0 ? "" : `${days}D`}${time === "" ? "" : `T${time}`}`;
}
