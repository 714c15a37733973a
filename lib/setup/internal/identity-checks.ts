import "server-only";
import { type Permission, permits } from "@/lib/azure/permits.pure";
import { normaliseId } from "@/lib/azure/resource-id.pure";
import { getCustomRole } from "@/lib/azure/role-definitions";
import { tokenHolder } from "@/lib/azure/token-holder";
import { SERVICE_IDENTITIES, type ServiceIdentity } from "@/lib/config";
import { type Assignments, listAssignments, planterAssignments } from "@/lib/coverage/assignments";
import { customRolesSeenBy } from "@/lib/deployments/custom-roles";
import { drillSharesWith } from "@/lib/drills/own-identity";
import type { Check } from "../checks.pure";
import { check, type Found, type Looker, NONE_SEEN, right, type Subscriptions, warning, wrong } from "./check";
import { granterCommand } from "./granter-command";
import { isHeldHere, ofWorkers } from "./worker-identities";

const WRITE_ROLES = "Microsoft.Authorization/roleAssignments/write";
const WRITE_REGISTER = "Microsoft.SecurityInsights/Watchlists/write";
const READ_VALUES = "Microsoft.KeyVault/vaults/secrets/getSecret/action";
/** Resource Graph lists what stands at a subscription and below it. */
const NOT_SEEN = "An assignment at a management group is not seen here; if there is one, this is well.";

/** The product's own identities: that each gets a token, what each may do, and that none may more than it should. */
export function identityChecks(service: Looker, subscriptions: Subscriptions): Promise<Check[]> {
  return Promise.all([
    ...SERVICE_IDENTITIES.map((name) =>
      check(service, "identities", `token-${name}`, `The ${name} identity signs in`, () => token(service, name)),
    ),
    check(service, "identities", "drill-apart", "The drill has an identity of its own", async () =>
      drillApart(service),
    ),
    check(service, "roles", "collector", "The collector sees the subscriptions", () =>
      collector(service, subscriptions),
    ),
    check(service, "roles", "registrar", "The registrar may write the register", () => registrar(service)),
    check(service, "roles", "granter", "The granter may let the planter in", () => granter(service, subscriptions)),
    check(service, "roles", "planter", "The planter can be let in", () => planter(service, subscriptions)),
    check(service, "roles", "drill", "The drill may read nothing", () => drill(service)),
    check(service, "roles", "custom-roles", "The roles to plant and to retire", () => customRoles(service)),
  ]);
}

async function token(service: Looker, name: ServiceIdentity): Promise<Found> {
  const { azure, config } = service;
  const { clientId, objectId } = config.identities[name];
  if (!isHeldHere(config, name)) return ofWorkers(service, name);
  const holder = await tokenHolder(azure[name]);
  if (holder === undefined || holder === objectId.toLowerCase())
    return right(`Azure gave it a token (client id ${clientId}).`);
  // What is given to that id would go to somebody else, and the rules would not know who plants.
  return wrong(
    `The identity with the client id ${clientId} has the object id ${holder}; configured is ${objectId}.`,
    `Take both ids from the same identity: its page in Azure calls the object id “Object (principal) ID”. Then set ${name.toUpperCase()}_OBJECT_ID, or PLANTER_OBJECT_ID where this identity has none of its own, and start again.`,
  );
}

function drillApart({ config }: Pick<Looker, "config">): Found {
  const shared = drillSharesWith(config.identities);
  if (shared === undefined) return right("No other job is done with it.");
  return warning(
    `It is the same as the ${shared}.`,
    "Set DRILL_CLIENT_ID and DRILL_OBJECT_ID to a managed identity without any role: a drill is a read that must be refused.",
  );
}

async function collector({ config }: Looker, subscriptions: Subscriptions): Promise<Found> {
  const names = await subscriptions();
  if (names.size > 0) return right(`It sees ${names.size}: ${[...names.values()].toSorted().slice(0, 10).join(", ")}.`);
  return wrong("It sees none.", "Give it Reader on the subscriptions or their management group.", {
    command: assigning(config, "collector", "Reader", "/subscriptions/SUBSCRIPTION"),
  });
}

async function registrar(service: Looker): Promise<Found> {
  const held = await listAssignments(service.azure.collector, service.config.identities.registrar.objectId);
  if (permits(at(held, service.config.workspace.resourceId), WRITE_REGISTER, "control"))
    return right("Its role at the workspace allows it.");
  return warning(
    "No role of its own at the workspace, its resource group or its subscription allows it.",
    `Give it Microsoft Sentinel Contributor on the workspace. ${NOT_SEEN}`,
    {
      command: assigning(
        service.config,
        "registrar",
        "Microsoft Sentinel Contributor",
        service.config.workspace.resourceId,
      ),
    },
  );
}

async function granter(service: Looker, subscriptions: Subscriptions): Promise<Found> {
  const [names, held] = await Promise.all([
    subscriptions(),
    listAssignments(service.azure.collector, service.config.identities.granter.objectId),
  ]);
  if (names.size === 0) return NONE_SEEN;
  const missing = [...names].filter(([id]) => !permits(at(held, `/subscriptions/${id}`), WRITE_ROLES, "control"));
  if (missing.length === 0) return right("In every subscription that the collector sees.");
  return warning(
    `Not in ${missing.map(([, name]) => name).join(", ")}.`,
    `Give it, in each subscription, a role with ${WRITE_ROLES} that is constrained to the two custom roles and the planter, and to Key Vault Secrets User and Key Vault Reader and the drill where permitted drills are wanted. Vaults there can only be planted where the planter holds a right for good. ${NOT_SEEN}`,
    { command: granterCommand(service.config, missing[0]?.[0] ?? "") },
  );
}

const PLANT = "Microsoft.KeyVault/vaults/secrets/setSecret/action";

/** Where the planter holds a right for good, where it can be let in for a job, and where neither is so. */
async function planter(service: Looker, subscriptions: Subscriptions): Promise<Found> {
  const { azure, config } = service;
  const [names, standing, granted, role] = await Promise.all([
    subscriptions(),
    planterAssignments(service),
    listAssignments(azure.collector, config.identities.granter.objectId),
    getCustomRole(azure.collector, config.workspace.resourceId.split("/")[2] ?? "", config.plantRoleId),
  ]);
  const reads = [...standing].flatMap(([scope, held]) => (permits(held, READ_VALUES, "data") ? [scope] : []));
  if (reads.length > 0) {
    return warning(
      `A role lets it read values at ${reads.slice(0, 3).join(", ")}.`,
      "Take that role away from it: the role to plant is enough, and whoever gets hold of the planter could read secrets.",
      { link: GRANTS },
    );
  }
  if (names.size === 0) return NONE_SEEN;
  const ways = [...names].map(([id, name]) => ({
    name,
    ...wayIn(id, standing, granted, role?.assignableScopes ?? []),
  }));
  const closed = ways.filter((way) => way.missing !== undefined);
  if (closed.length > 0) {
    const where = closed.map(({ name, missing }) => `${name} (${missing})`).join(", ");
    return warning(
      `It cannot be let into ${closed.length} of ${ways.length} subscriptions: ${where}.`,
      `Create the role to plant there on the page Grants and roles, and give the granter its right. ${NOT_SEEN}`,
      { link: GRANTS },
    );
  }
  const always = ways.filter((way) => way.standing).map(({ name }) => name);
  const rest = ways.length - always.length;
  return right(
    always.length === 0
      ? `It holds nothing for good, and can be let in for a job in all of ${ways.length} subscriptions.`
      : `It holds a right for good in ${always.join(", ")}, and can be let in for a job in ${rest} others.`,
  );
}

function wayIn(subscription: string, standing: Assignments, granted: Assignments, assignable: readonly string[]) {
  const scope = `/subscriptions/${subscription}`;
  if (permits(at(standing, scope), PLANT, "data")) return { standing: true };
  if (!permits(at(granted, scope), WRITE_ROLES, "control"))
    return { standing: false, missing: "the granter may give no role" };
  // Which subscriptions a management group covers is not looked up here.
  const offered = assignable.some((one) => normaliseId(one) === scope || /managementgroups/i.test(one) || one === "/");
  return offered ? { standing: false } : { standing: false, missing: "the role to plant cannot be given" };
}

async function drill(service: Looker): Promise<Found> {
  const held = await listAssignments(service.azure.collector, service.config.identities.drill.objectId);
  const where = [...held].flatMap(([scope, permissions]) => (permits(permissions, READ_VALUES, "data") ? [scope] : []));
  if (where.length === 0) return right("No role lets it read a value.");
  return wrong(
    `A role lets it read values at ${where.slice(0, 3).join(", ")}.`,
    "Take that role away from it, unless a drill by a permitted read is under way there, which takes it away itself: whoever gets hold of the drill could read secrets, and drills would prove less.",
  );
}

const GRANTS = { href: "/setup/grants", text: "Open grants and roles" };
const NOT_RIGHT = "Create or mend it on the page Grants and roles; it takes roleDefinitions/write.";

async function customRoles(service: Looker): Promise<Found> {
  const roles = await customRolesSeenBy(service, service.azure.collector);
  const plant = roles.find(({ purpose }) => purpose === "plant");
  const retire = roles.find(({ purpose }) => purpose === "retire");
  if (plant?.state === "unknown") return { state: "unknown", evidence: plant.problem ?? "" };
  if (plant?.state !== "right")
    return wrong(`The role to plant is ${WORDS[plant?.state ?? "missing"]}.`, NOT_RIGHT, { link: GRANTS });
  if (retire?.state === "right") return right("Both give what they should and nothing else.");
  return warning(
    `The role to plant is as it should be; the role to retire is ${WORDS[retire?.state ?? "missing"]}.`,
    retire?.state === "not_configured" ? "Make a GUID, set RETIRE_ROLE_ID to it and start again." : NOT_RIGHT,
    { link: GRANTS },
  );
}

const WORDS = {
  right: "right",
  missing: "missing",
  different: "different from what it should be",
  not_configured: "not named in the settings",
  unknown: "unknown",
} as const;

/** The command that gives a built-in role to one of the product's identities. */
function assigning({ identities }: Looker["config"], who: ServiceIdentity, role: string, scope: string): string {
  return `az role assignment create --assignee-object-id ${identities[who].objectId} --assignee-principal-type ServicePrincipal --role "${role}" --scope ${scope}`;
}

/** What the assignments give at a resource, its group and its subscription. */
function at(held: Assignments, scope: string): Permission[] {
  const parts = scope.toLowerCase().split("/");
  const scopes = new Set([parts.join("/"), parts.slice(0, 5).join("/"), parts.slice(0, 3).join("/")]);
  return [...scopes].flatMap((one) => held.get(one) ?? []);
}
