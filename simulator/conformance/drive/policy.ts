import { all, type Stage } from "../stage";
import { driveCompliance } from "./compliance";

const AUDIT = "conformance-audit";
const MODIFY = "conformance-modify";
const SET = "conformance-set";
const TAG = "honeytoken-owner";
const CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c";
const GRANT = "c0f0a11e-6666-4666-8666-000000000001";
const EXEMPTIONS = "providers/Microsoft.Authorization/policyExemptions";

/** Definitions, initiatives, assignments and exemptions, and in their midst what follows from them. */
export async function drivePolicy(stage: Stage): Promise<void> {
  await driveDefinitions(stage);
  await driveInitiatives(stage);
  await driveAssignments(stage);
  await driveExemptions(stage);
  await driveCompliance(stage, { audit: AUDIT, modify: MODIFY, initiative: SET });
  await driveEndings(stage);
}

/** A constant, since whatever has a member of this name may be taken for a promise. */
const CONSEQUENCE = "then";

/** The rule of both definitions: vaults without the tag. */
function ruleWith(effect: Record<string, unknown>): Record<string, unknown> {
  const condition = {
    allOf: [
      { field: "type", equals: "Microsoft.KeyVault/vaults" },
      { field: "[concat('tags[', parameters('tagName'), ']')]", exists: "false" },
    ],
  };
  return { if: condition, [CONSEQUENCE]: effect };
}

const audit = {
  displayName: "Vaults name an owner",
  description: "For this run only.",
  mode: "Indexed",
  policyType: "Custom",
  metadata: { category: "Key Vault", version: "1.0.0" },
  parameters: { tagName: { type: "String", defaultValue: TAG, metadata: { displayName: "Tag" } } },
  policyRule: ruleWith({ effect: "audit" }),
};

async function driveDefinitions({ clients: { policy }, place, step, refused }: Stage): Promise<void> {
  const { policyDefinitions: definitions } = policy;
  await step("policy definitions: create", () => definitions.createOrUpdate(AUDIT, audit));
  await step("policy definitions: replace", () =>
    definitions.createOrUpdate(AUDIT, { ...audit, description: "Changed." }),
  );
  await step("policy definitions: create one that modifies", () => definitions.createOrUpdate(MODIFY, modify));
  await refused("policy definitions: create a wrong one", 400, () =>
    definitions.createOrUpdate("wrong", { ...audit, policyRule: { if: { field: "type" } } }),
  );
  await step("policy definitions: get", () => definitions.get(AUDIT));
  await refused("policy definitions: get one that is not there", 404, () => definitions.get("nowhere"));
  await step("policy definitions: list", () => all(definitions.list()));
  const builtIn = await step("policy definitions: list built-in", () => all(definitions.listBuiltIn()));
  await step("policy definitions: get built-in", () => definitions.getBuiltIn(builtIn?.[0]?.name ?? ""));
  const at = place.tenantId;
  await step("policy definitions: create at a management group", () =>
    definitions.createOrUpdateAtManagementGroup(at, AUDIT, audit),
  );
  await step("policy definitions: get at a management group", () => definitions.getAtManagementGroup(at, AUDIT));
  await step("policy definitions: list at a management group", () => all(definitions.listByManagementGroup(at)));
  await step("policy definitions: delete at a management group", () => definitions.deleteAtManagementGroup(at, AUDIT));
}

const modify = {
  ...audit,
  displayName: "Vaults get an owner",
  policyRule: ruleWith({
    effect: "modify",
    details: {
      roleDefinitionIds: [`/providers/Microsoft.Authorization/roleDefinitions/${CONTRIBUTOR}`],
      operations: [{ operation: "addOrReplace", field: `tags['${TAG}']`, value: "somebody" }],
    },
  }),
};

async function driveInitiatives({ clients: { policy }, place, step, refused }: Stage): Promise<void> {
  const { policySetDefinitions: sets } = policy;
  const initiative = {
    displayName: "Vaults are looked after",
    description: "For this run only.",
    metadata: { category: "Key Vault" },
    parameters: { tag: { type: "String", defaultValue: TAG } },
    policyDefinitionGroups: [{ name: "owners", displayName: "Owners" }],
    policyDefinitions: [
      {
        policyDefinitionId: definitionId(place, AUDIT),
        policyDefinitionReferenceId: "owner",
        parameters: { tagName: { value: "[parameters('tag')]" } },
        groupNames: ["owners"],
      },
    ],
  };
  await step("initiatives: create", () => sets.createOrUpdate(SET, initiative));
  await step("initiatives: replace", () => sets.createOrUpdate(SET, { ...initiative, description: "Changed." }));
  await refused("initiatives: create a wrong one", 400, () =>
    sets.createOrUpdate("wrong", { ...initiative, policyDefinitions: [] }),
  );
  await step("initiatives: get", () => sets.get(SET));
  await refused("initiatives: get one that is not there", 404, () => sets.get("nowhere"));
  await step("initiatives: list", () => all(sets.list()));
  const builtIn = await step("initiatives: list built-in", () => all(sets.listBuiltIn()));
  await step("initiatives: get built-in", () => sets.getBuiltIn(builtIn?.[0]?.name ?? ""));
  const at = place.tenantId;
  const ofBuiltIn = {
    ...initiative,
    policyDefinitions: (builtIn?.[0]?.policyDefinitions ?? []).slice(0, 1),
    policyDefinitionGroups: [],
  };
  await step("initiatives: create at a management group", () =>
    sets.createOrUpdateAtManagementGroup(at, SET, {
      ...ofBuiltIn,
      policyDefinitions: ofBuiltIn.policyDefinitions.map(({ policyDefinitionId }) => ({ policyDefinitionId })),
    }),
  );
  await step("initiatives: get at a management group", () => sets.getAtManagementGroup(at, SET));
  await step("initiatives: list at a management group", () => all(sets.listByManagementGroup(at)));
  await step("initiatives: delete at a management group", () => sets.deleteAtManagementGroup(at, SET));
}

async function driveAssignments({ clients, place, step, refused }: Stage): Promise<void> {
  const { policyAssignments: assignments } = clients.policy;
  const { subscription } = place;
  const { resourceGroup: group, name } = place.vault;
  await step("assignments: create", () =>
    assignments.create(subscription, SET, {
      displayName: "Vaults are looked after",
      policyDefinitionId: `${subscription}/providers/Microsoft.Authorization/policySetDefinitions/${SET}`,
      metadata: { assignedBy: "conformance" },
      notScopes: [`${subscription}/resourceGroups/${place.workspace.resourceGroup}`],
      nonComplianceMessages: [{ message: "Name an owner." }],
      enforcementMode: "Default",
    }),
  );
  await step("assignments: update", () => assignments.update(subscription, SET, {}));
  const modifying = await step("assignments: create one that modifies", () =>
    assignments.create(subscription, MODIFY, {
      location: "westeurope",
      identity: { type: "SystemAssigned" },
      displayName: "Vaults get an owner",
      policyDefinitionId: definitionId(place, MODIFY),
    }),
  );
  await step("assignments: give it its role", () =>
    clients.authorization.roleAssignments.create(subscription, GRANT, {
      roleDefinitionId: `${subscription}/providers/Microsoft.Authorization/roleDefinitions/${CONTRIBUTOR}`,
      principalId: modifying?.identity?.principalId ?? "",
      principalType: "ServicePrincipal",
    }),
  );
  await refused("assignments: create one of nothing", 404, () =>
    assignments.create(subscription, "wrong", { policyDefinitionId: definitionId(place, "nowhere") }),
  );
  await step("assignments: get", () => assignments.get(subscription, MODIFY));
  await refused("assignments: get one that is not there", 404, () => assignments.get(subscription, "nowhere"));
  await step("assignments: list", () => all(assignments.list()));
  await step("assignments: list of a group", () => all(assignments.listForResourceGroup(group)));
  await step("assignments: list of a vault", () =>
    all(assignments.listForResource(group, "Microsoft.KeyVault", "", "vaults", name)),
  );
  await step("assignments: create at a management group", () =>
    assignments.create(managementGroup(place), "mg-conformance", {
      policyDefinitionId: `/providers/Microsoft.Authorization/policyDefinitions/${BUILT_IN}`,
    }),
  );
  await step("assignments: list of a management group", () =>
    all(assignments.listForManagementGroup(place.tenantId, { filter: "atScope()" })),
  );
}

/** "Key vaults should have soft delete enabled". */
const BUILT_IN = "1e66c121-a66a-4b1f-9b83-0fd99bf0fc2d";

/** Exemptions are in no client of this age. */
async function driveExemptions({ place, step, refused, raw }: Stage): Promise<void> {
  const version = "?api-version=2022-07-01-preview";
  const one = `${place.vault.id}/${EXEMPTIONS}/conformance${version}`;
  const properties = {
    policyAssignmentId: `${place.subscription}/providers/Microsoft.Authorization/policyAssignments/${SET}`,
    exemptionCategory: "Waiver",
    displayName: "Not this one",
    description: "For this run only.",
    expiresOn: "2030-01-01T00:00:00Z",
    metadata: { reason: "A drill." },
  };
  await step("exemptions: create", () => raw("PUT", one, { properties }));
  const above = `${managementGroup(place)}/${EXEMPTIONS}/conformance${version}`;
  await step("exemptions: create at a management group", () =>
    raw("PUT", above, {
      properties: {
        ...properties,
        policyAssignmentId: `${managementGroup(place)}/providers/Microsoft.Authorization/policyAssignments/mg-conformance`,
      },
    }),
  );
  await step("exemptions: replace", () => raw("PUT", one, { properties: { ...properties, description: "Changed." } }));
  await step("exemptions: patch", () =>
    raw("PATCH", one, { properties: { assignmentScopeValidation: "DoNotValidate" } }),
  );
  await step("exemptions: get", () => raw("GET", one));
  for (const [scope, at] of [
    // As clients write it: a vault has no parent.
    ["the vault", place.vault.id.replace("Microsoft.KeyVault/", "Microsoft.KeyVault//")],
    ["the group", place.vault.id.split("/").slice(0, 5).join("/")],
    ["the subscription", place.subscription],
    ["the management group", managementGroup(place)],
  ] as const) {
    await step(`exemptions: list of ${scope}`, () => raw("GET", `${at}/${EXEMPTIONS}${version}`));
  }
  await step("exemptions: delete at a management group", () => raw("DELETE", above));
  await refused("exemptions: get one that is not there", 404, () =>
    raw("GET", `${place.vault.id}/${EXEMPTIONS}/nowhere${version}`),
  );
}

async function driveEndings({ clients: { policy }, place, step, raw }: Stage): Promise<void> {
  const { subscription } = place;
  const exemption = `${place.vault.id}/${EXEMPTIONS}/conformance?api-version=2022-07-01-preview`;
  await step("exemptions: delete", () => raw("DELETE", exemption));
  await step("assignments: delete", async () => {
    for (const name of [SET, MODIFY]) await policy.policyAssignments.delete(subscription, name);
    await policy.policyAssignments.delete(managementGroup(place), "mg-conformance");
  });
  await step("initiatives: delete", () => policy.policySetDefinitions.delete(SET));
  await step("initiatives: delete again", () => policy.policySetDefinitions.delete(SET));
  await step("policy definitions: delete", async () => {
    for (const name of [AUDIT, MODIFY]) await policy.policyDefinitions.delete(name);
  });
  await step("policy definitions: delete again", () => policy.policyDefinitions.delete(AUDIT));
}

type Where = Pick<Stage["place"], "subscription" | "tenantId">;

function definitionId({ subscription }: Where, name: string): string {
  return `${subscription}/providers/Microsoft.Authorization/policyDefinitions/${name}`;
}

function managementGroup({ tenantId }: Where): string {
  return `/providers/Microsoft.Management/managementGroups/${tenantId}`;
}
