import type { Call } from "../context";
import { AzureError, type Router, type SimResponse } from "../http";
import { recordActivity } from "./activity";
import { knownTypes } from "./api-versions";
import { REGIONS } from "./regions";
import { ok } from "./respond";
import { authorize } from "./scope";

/** Namespaces as Azure writes them. One that is missing here is shown in lower case. */
const NAMESPACES = [
  "Microsoft.Authorization",
  "Microsoft.Compute",
  "Microsoft.Insights",
  "Microsoft.KeyVault",
  "Microsoft.Management",
  "Microsoft.OperationalInsights",
  "Microsoft.PolicyInsights",
  "Microsoft.ResourceGraph",
  "Microsoft.Resources",
  "Microsoft.Security",
  "Microsoft.SecurityInsights",
  "Microsoft.Storage",
];

/** Words inside type names that begin with a capital letter in the middle of a name. */
const WORDS =
  /(?<=[a-z])(policies|policy|vaults|availability|endpoint|connections|link|resources|assignments|definitions|exemptions|settings|categories|groups|query|rules|rule|scores|controls|metadata|accounts|states|events|results|result|items|states|lists|comments|entities|assessments|suppression|containers|types|machines)(?=[a-z]|\/|$)/g;

/** What stands for an operation in a path, and is no type of its own. */
const ACTIONS =
  /\/(purge|dismiss|resolve|activate|inprogress|simulate|validate|values|listkeys|regeneratekey|cancel|listdeployments|queryresults|summarize|triggerevaluation|entities|alerts|bookmarks|runplaybook)$/;

/** Resource providers: the lists of the tenant and of a subscription, get, register. Every known one is registered. */
export function routeProviders(router: Router<Call>): void {
  // The tenant's list has no scope to hold a right at: everybody who has signed in may read it.
  router.on("GET", "/providers", () => ok({ value: Object.keys(knownTypes()).map((name) => providerBody(name)) }));
  router.on("GET", "/providers/{ns}", (_call, params) => ok(providerBody(requireProvider(params.ns ?? ""))));

  router.on("GET", "/subscriptions/{s}/providers", (call, params) => {
    authorize(call, "Microsoft.Resources/subscriptions/providers/read", `/subscriptions/${params.s}`);
    return ok({ value: Object.keys(knownTypes()).map((name) => providerBody(name, params.s)) });
  });

  router.on("GET", "/subscriptions/{s}/providers/{ns}", (call, params) => {
    authorize(call, "Microsoft.Resources/subscriptions/providers/read", `/subscriptions/${params.s}`);
    return ok(providerBody(requireProvider(params.ns ?? ""), params.s));
  });

  router.on("POST", "/subscriptions/{s}/providers/{ns}/register", (call, params): SimResponse => {
    const name = requireProvider(params.ns ?? "");
    const action = `${namespaceOf(name)}/register/action`;
    authorize(call, action, `/subscriptions/${params.s}`);
    recordActivity(call, { action, scope: `/subscriptions/${params.s}`, status: 200 });
    return ok(providerBody(name, params.s));
  });
}

function requireProvider(name: string): string {
  const found = Object.keys(knownTypes()).find((known) => known === name.toLowerCase());
  if (found === undefined) {
    throw new AzureError(404, "InvalidResourceNamespace", `The resource namespace '${name}' is invalid.`);
  }
  return found;
}

function namespaceOf(lower: string): string {
  return NAMESPACES.find((name) => name.toLowerCase() === lower) ?? lower;
}

/** A type in Azure's casing: `vaults/accesspolicies` is `vaults/accessPolicies`. */
function typeName(lower: string): string {
  return lower.replace(WORDS, (word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`);
}

function providerBody(lower: string, subscription?: string) {
  const namespace = namespaceOf(lower);
  const types = Object.entries(knownTypes()[lower] ?? {}).filter(([type]) => !ACTIONS.test(type));
  return {
    ...(subscription === undefined ? {} : { id: `/subscriptions/${subscription}/providers/${namespace}` }),
    namespace,
    resourceTypes: types.map(([type, apiVersions]) => ({
      resourceType: typeName(type),
      locations: REGIONS.map(({ displayName }) => displayName),
      apiVersions,
      capabilities: "None",
    })),
    ...(subscription === undefined ? {} : { registrationState: "Registered" }),
    registrationPolicy: "RegistrationRequired",
  };
}
