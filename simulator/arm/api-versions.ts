import type { Call } from "../context";
import { DEFENDER_TYPES } from "../defender/api-versions";
import { AzureError } from "../http";
import { MONITOR_TYPES } from "../monitor/api-versions";
import { own } from "../own";
import { POLICY_TYPES } from "../policy/api-versions";
import { joinedParameter } from "../query-repeats";
import { SENTINEL_TYPES } from "../sentinel/api-versions";
import { badRequest } from "./errors";
import type { ResourceTypes } from "./resource-types";

/*
 * The resource types that the simulated tenant knows, and the API versions that ARM accepts for them (newest first).
 * Source: the api-version folders of Microsoft's public API descriptions and the versions that the SDK clients send.
 */

const KEY_VAULT = [
  "2026-02-01",
  "2025-05-01",
  "2024-11-01",
  "2024-04-01-preview",
  "2023-07-01",
  "2023-02-01",
  "2022-11-01",
  "2022-07-01",
  "2021-10-01",
  "2019-09-01",
  "2018-02-14",
  "2016-10-01",
  "2015-06-01",
];
const AUTHORIZATION = [
  "2022-05-01-preview",
  "2022-04-01",
  "2021-04-01-preview",
  "2020-10-01-preview",
  "2020-08-01-preview",
  "2020-04-01-preview",
  "2018-09-01-preview",
  "2018-07-01",
  "2018-01-01-preview",
  "2017-05-01",
  "2015-07-01",
];
const ROLE_SCHEDULES = ["2020-10-01", "2020-10-01-preview"];
const DIAGNOSTICS = ["2021-05-01-preview", "2017-05-01-preview", "2016-09-01", "2015-07-01"];
const LOG_ANALYTICS = [
  "2025-07-01",
  "2025-02-01",
  "2023-09-01",
  "2022-10-01",
  "2021-12-01-preview",
  "2021-06-01",
  "2020-10-01",
  "2020-08-01",
  "2020-03-01-preview",
  "2015-11-01-preview",
];
const RESOURCES = [
  "2025-04-01",
  "2025-03-01",
  "2024-11-01",
  "2024-07-01",
  "2024-03-01",
  "2023-07-01",
  "2022-12-01",
  "2022-09-01",
  "2022-06-01",
  "2022-03-01-preview",
  "2022-01-01",
  "2021-04-01",
  "2021-01-01",
  "2020-10-01",
  "2020-08-01",
  "2020-06-01",
  "2020-05-01",
  "2020-01-01",
  "2019-11-01",
  "2019-10-01",
  "2019-09-01",
  "2019-08-01",
  "2019-06-01",
  "2019-05-10",
  "2019-05-01",
  "2019-03-01",
  "2018-11-01",
  "2018-09-01",
  "2018-08-01",
  "2018-06-01",
  "2018-05-01",
  "2018-02-01",
  "2018-01-01",
  "2017-08-01",
  "2017-05-10",
  "2016-09-01",
  "2016-07-01",
  "2016-06-01",
  "2016-02-01",
  "2015-11-01",
  "2015-01-01",
  "2014-04-01-preview",
  "2014-04-01",
];

const ARM_TYPES: ResourceTypes = {
  "microsoft.keyvault": {
    vaults: KEY_VAULT,
    "vaults/accesspolicies": KEY_VAULT,
    "vaults/secrets": KEY_VAULT,
    "vaults/keys": KEY_VAULT,
    "vaults/keys/versions": KEY_VAULT,
    deletedvaults: KEY_VAULT,
    "locations/deletedvaults": KEY_VAULT,
    "locations/deletedvaults/purge": KEY_VAULT,
    "locations/operationresults": KEY_VAULT,
    "vaults/privateendpointconnections": KEY_VAULT,
    "vaults/privatelinkresources": KEY_VAULT,
    checknameavailability: KEY_VAULT,
    operations: KEY_VAULT,
  },
  "microsoft.authorization": {
    roleassignments: AUTHORIZATION,
    roledefinitions: AUTHORIZATION,
    permissions: AUTHORIZATION,
    roleassignmentschedulerequests: ROLE_SCHEDULES,
    roleassignmentscheduleinstances: ROLE_SCHEDULES,
  },
  "microsoft.insights": { diagnosticsettings: DIAGNOSTICS, diagnosticsettingscategories: DIAGNOSTICS },
  "microsoft.operationalinsights": { workspaces: LOG_ANALYTICS, "workspaces/tables": LOG_ANALYTICS },
  "microsoft.resourcegraph": {
    resources: [
      "2024-04-01",
      "2022-10-01",
      "2021-06-01-preview",
      "2021-03-01",
      "2020-04-01-preview",
      "2019-04-01",
      "2018-09-01-preview",
    ],
  },
  "microsoft.resources": {
    subscriptions: RESOURCES,
    "subscriptions/resourcegroups": RESOURCES,
    tags: RESOURCES,
    tenants: RESOURCES,
    locations: RESOURCES,
    providers: RESOURCES,
    // The Key Vault client lists vaults through this one, with a version as old as ARM.
    resources: [...RESOURCES, "2015-11-01", "2014-04-01-preview"],
    operationresults: RESOURCES,
  },
};

/** Every known type: a namespace may be told by several parts of the simulator, each naming its own types. */
const TYPES = merge(ARM_TYPES, SENTINEL_TYPES, POLICY_TYPES, DEFENDER_TYPES, MONITOR_TYPES);

function merge(...tables: ResourceTypes[]): ResourceTypes {
  const all: Record<string, Record<string, readonly string[]>> = {};
  for (const table of tables) {
    for (const [namespace, types] of Object.entries(table)) all[namespace] = { ...all[namespace], ...types };
  }
  return all;
}

/** Every namespace with its types (lower case) and their versions, newest first: what the list of providers tells. */
export function knownTypes(): ResourceTypes {
  return TYPES;
}

/** The resource type that a path addresses: the last `providers` part decides; without one it is a container. */
export function resourceTypeOf(path: string): { namespace: string; type: string } {
  const segments = path.split("/").filter(Boolean);
  const at = segments.map((segment) => segment.toLowerCase()).lastIndexOf("providers");
  if (at < 0) return { namespace: "Microsoft.Resources", type: containerType(segments) };
  const [namespace = "", ...rest] = segments.slice(at + 1);
  if (rest.length === 0 || (rest.length === 1 && rest[0]?.toLowerCase() === "register")) {
    return { namespace: "Microsoft.Resources", type: "providers" };
  }
  return { namespace, type: rest.filter((_, index) => index % 2 === 0).join("/") };
}

/** What ARM itself answers for: tenants, subscriptions, groups and the lists below them. */
function containerType([root = "", , list, , inner]: readonly string[]): string {
  if (root.toLowerCase() !== "subscriptions") return root;
  if (list === undefined) return "subscriptions";
  if (list.toLowerCase() !== "resourcegroups") return list;
  return inner ?? "subscriptions/resourceGroups";
}

/**
 * Refuses what ARM refuses before it looks at anything else: no version, an unknown provider or type, a version that
 * the type does not have. Errors: 400 MissingApiVersionParameter, 404 InvalidResourceNamespace, 404
 * InvalidResourceType, 400 NoRegisteredProviderFound (a provider's type) or InvalidApiVersionParameter (ARM's own).
 */
export function checkApiVersion(call: Call): void {
  // Given twice, it is one version that nothing has: `2021-08-01,2021-08-01`.
  const version = joinedParameter(call.request.query, "api-version");
  if (!version) {
    throw badRequest(
      "The api-version query parameter (?api-version=) is required for all requests.",
      "MissingApiVersionParameter",
    );
  }
  const { namespace, type } = resourceTypeOf(call.request.path);
  const provider = own(TYPES, namespace.toLowerCase());
  if (!provider) {
    throw new AzureError(404, "InvalidResourceNamespace", `The resource namespace '${namespace}' is invalid.`);
  }
  const versions = own(provider, type.toLowerCase());
  if (!versions) {
    throw new AzureError(
      404,
      "InvalidResourceType",
      `The resource type '${type}' could not be found in the namespace '${namespace}' for api version '${version}'.`,
    );
  }
  if (versions.includes(version.toLowerCase())) return;
  if (namespace.toLowerCase() === "microsoft.resources") {
    throw badRequest(
      `The api-version '${version}' is invalid. The supported versions are '${versions.join(",")}'.`,
      "InvalidApiVersionParameter",
    );
  }
  throw badRequest(
    `No registered resource provider found for location 'westeurope' and API version '${version}' for type '${type}'. The supported api-versions are '${versions.join(", ")}'.`,
    "NoRegisteredProviderFound",
  );
}
