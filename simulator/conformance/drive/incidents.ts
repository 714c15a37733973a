import { all, type Stage } from "../stage";

const INCIDENT = "c0f0a11e-4444-4444-8444-000000000001";
const SHORT_LIVED = "c0f0a11e-4444-4444-8444-000000000002";
const COMMENT = "c0f0a11e-4444-4444-8444-000000000003";
const BOOKMARK = "c0f0a11e-4444-4444-8444-000000000004";
const RELATION = "c0f0a11e-4444-4444-8444-000000000005";
const TASK = "c0f0a11e-4444-4444-8444-000000000006";
const RULE = "c0f0a11e-4444-4444-8444-000000000007";
const PLAYBOOK_ROLE = "c0f0a11e-4444-4444-8444-000000000008";
/** Tasks came after the clients were made. */
const TASKS_VERSION = "2024-03-01";

/** Incidents and everything that hangs on them: those that people make, and those that rules made. */
export async function driveIncidents(stage: Stage): Promise<void> {
  await driveBookmarks(stage);
  await driveAutomationRules(stage);
  await driveOwnIncidents(stage);
  await driveComments(stage);
  await driveRelations(stage);
  await driveTasks(stage);
  await driveFoundIncidents(stage);
  await driveEndings(stage);
}

async function driveBookmarks({ clients: { sentinel }, place, step, refused }: Stage): Promise<void> {
  const { resourceGroup: group, name } = place.workspace;
  await step("bookmarks: create", () =>
    sentinel.bookmarks.createOrUpdate(group, name, BOOKMARK, {
      displayName: "A read that looked odd",
      query: "AzureDiagnostics | where OperationName == 'SecretGet'",
      queryResult: '{"OperationName":"SecretGet"}',
      notes: "Seen by a person.",
      labels: ["odd"],
    }),
  );
  await step("bookmarks: get", () => sentinel.bookmarks.get(group, name, BOOKMARK));
  await step("bookmarks: list", () => all(sentinel.bookmarks.list(group, name)));
  await refused("bookmarks: get one that is not there", 404, () => sentinel.bookmarks.get(group, name, RELATION));
}

async function driveAutomationRules({ clients: { sentinel }, place, step, refused }: Stage): Promise<void> {
  const { resourceGroup: group, name } = place.workspace;
  const rule = {
    displayName: "Label and raise",
    order: 1,
    triggeringLogic: {
      isEnabled: true,
      triggersOn: "Incidents",
      triggersWhen: "Created",
      conditions: [
        {
          conditionType: "Property" as const,
          conditionProperties: { propertyName: "IncidentTitle", operator: "Contains", propertyValues: ["nothing"] },
        },
      ],
    },
    actions: [
      {
        order: 1,
        actionType: "ModifyProperties" as const,
        actionConfiguration: { severity: "High", labels: [{ labelName: "raised" }] },
      },
    ],
  };
  await step("automation rules: create", () =>
    sentinel.automationRules.createOrUpdate(group, name, RULE, { automationRuleToUpsert: rule }),
  );
  await step("automation rules: update", () =>
    sentinel.automationRules.createOrUpdate(group, name, RULE, { automationRuleToUpsert: { ...rule, order: 2 } }),
  );
  await refused("automation rules: create a wrong one", 400, () =>
    sentinel.automationRules.createOrUpdate(group, name, RULE, { automationRuleToUpsert: { ...rule, order: 5000 } }),
  );
  await step("automation rules: get", () => sentinel.automationRules.get(group, name, RULE));
  await step("automation rules: list", () => all(sentinel.automationRules.list(group, name)));
  await step("automation rules: delete", () => sentinel.automationRules.delete(group, name, RULE));
  await refused("automation rules: get one that is not there", 404, () =>
    sentinel.automationRules.get(group, name, RULE),
  );
}

async function driveOwnIncidents({ clients: { sentinel }, place, step, refused }: Stage): Promise<void> {
  const { resourceGroup: group, name } = place.workspace;
  const incident = { title: "A honeytoken was read", description: "For this run.", severity: "High", status: "New" };
  const made = await step("incidents: create", () =>
    sentinel.incidents.createOrUpdate(group, name, INCIDENT, incident),
  );
  await step("incidents: update", () =>
    sentinel.incidents.createOrUpdate(group, name, INCIDENT, {
      ...incident,
      status: "Active",
      labels: [{ labelName: "conformance" }],
      owner: { objectId: place.person },
      etag: made?.etag ?? "",
    }),
  );
  await refused("incidents: update what somebody else changed", 409, () =>
    sentinel.incidents.createOrUpdate(group, name, INCIDENT, { ...incident, etag: made?.etag ?? "" }),
  );
  await step("incidents: close", () =>
    sentinel.incidents.createOrUpdate(group, name, INCIDENT, {
      ...incident,
      status: "Closed",
      classification: "TruePositive",
      classificationReason: "SuspiciousActivity",
      classificationComment: "It was a drill.",
    }),
  );
  await step("incidents: create another", () =>
    sentinel.incidents.createOrUpdate(group, name, SHORT_LIVED, { ...incident, title: "Another" }),
  );
  await step("incidents: get", () => sentinel.incidents.get(group, name, INCIDENT));
  await refused("incidents: get one that is not there", 404, () => sentinel.incidents.get(group, name, RULE));
  await step("incidents: list", () => all(sentinel.incidents.list(group, name)));
  await step("incidents: list some, in order, by pages", () =>
    all(
      sentinel.incidents.list(group, name, {
        filter: "properties/severity eq 'High'",
        orderby: "properties/createdTimeUtc desc",
        top: 1,
      }),
    ),
  );
  await refused("incidents: list with a wrong filter", 400, () =>
    all(sentinel.incidents.list(group, name, { filter: "properties/severity is 'High'" })),
  );
}

async function driveComments({ clients: { sentinel }, place, step, refused }: Stage): Promise<void> {
  const { resourceGroup: group, name } = place.workspace;
  const { incidentComments: comments } = sentinel;
  const put = (message: string) => comments.createOrUpdate(group, name, INCIDENT, COMMENT, { message });
  await step("comments: create", () => put("First thoughts."));
  await step("comments: update", () => put("Second thoughts."));
  await step("comments: get", () => comments.get(group, name, INCIDENT, COMMENT));
  await step("comments: list", () => all(comments.list(group, name, INCIDENT)));
  await step("comments: delete", () => comments.delete(group, name, INCIDENT, COMMENT));
  await refused("comments: get one that is not there", 404, () => comments.get(group, name, INCIDENT, COMMENT));
}

async function driveRelations({ clients: { sentinel }, place, step }: Stage): Promise<void> {
  const { resourceGroup: group, name, id } = place.workspace;
  const { incidentRelations: relations } = sentinel;
  const relatedResourceId = `${id}/providers/Microsoft.SecurityInsights/bookmarks/${BOOKMARK}`;
  await step("relations: create", () =>
    relations.createOrUpdate(group, name, INCIDENT, RELATION, { relatedResourceId }),
  );
  await step("relations: get", () => relations.get(group, name, INCIDENT, RELATION));
  await step("relations: list", () => all(relations.list(group, name, INCIDENT)));
  await step("incidents: bookmarks", () => sentinel.incidents.listBookmarks(group, name, INCIDENT));
  await step("relations: delete", () => relations.delete(group, name, INCIDENT, RELATION));
}

async function driveTasks({ place, step, raw }: Stage): Promise<void> {
  const tasks = `${place.workspace.id}/providers/Microsoft.SecurityInsights/incidents/${INCIDENT}/tasks`;
  const version = `?api-version=${TASKS_VERSION}`;
  const properties = { title: "Ask the owner", description: "Whose address was it?", status: "New" };
  await step("tasks: create", () => raw("PUT", `${tasks}/${TASK}${version}`, { properties }));
  await step("tasks: update", () =>
    raw("PUT", `${tasks}/${TASK}${version}`, { properties: { ...properties, status: "Completed" } }),
  );
  await step("tasks: get", () => raw("GET", `${tasks}/${TASK}${version}`));
  await step("tasks: list", () => raw("GET", `${tasks}${version}`));
  await step("tasks: delete", () => raw("DELETE", `${tasks}/${TASK}${version}`));
}

/** Incidents that the rule of this run has made, with the alerts and entities behind them. */
async function driveFoundIncidents({
  clients: { sentinel, authorization },
  place,
  step,
  refused,
}: Stage): Promise<void> {
  const { resourceGroup: group, name } = place.workspace;
  const found = await step("incidents: those of the rule", () =>
    all(sentinel.incidents.list(group, name, { filter: "properties/title eq 'A vault was read'" })),
  );
  const incident = found?.[0]?.name ?? "none";
  await step("incidents: alerts", () => sentinel.incidents.listAlerts(group, name, incident));
  await step("incidents: entities", () => sentinel.incidents.listEntities(group, name, incident));

  const scope = `${place.subscription}/resourceGroups/${group}`;
  const logicAppsResourceId = `${scope}/providers/Microsoft.Logic/workflows/respond`;
  const requestBody = { logicAppsResourceId, tenantId: place.tenantId };
  const run = () => sentinel.incidents.runPlaybook(group, name, incident, { requestBody });
  await refused("incidents: run a playbook without the right to it", 400, run);
  await step("incidents: run a playbook", async () => {
    await authorization.roleDefinitions.createOrUpdate(scope, PLAYBOOK_ROLE, {
      roleName: "Starter of playbooks",
      roleType: "CustomRole",
      assignableScopes: [scope],
      permissions: [{ actions: ["Microsoft.Logic/workflows/triggers/listCallbackUrl/action"] }],
    });
    await authorization.roleAssignments.create(scope, PLAYBOOK_ROLE, {
      roleDefinitionId: `${place.subscription}/providers/Microsoft.Authorization/roleDefinitions/${PLAYBOOK_ROLE}`,
      principalId: place.sentinel,
      principalType: "ServicePrincipal",
    });
    await run();
  });
}

async function driveEndings({ clients: { sentinel }, place, step }: Stage): Promise<void> {
  const { resourceGroup: group, name } = place.workspace;
  await step("incidents: delete", () => sentinel.incidents.delete(group, name, SHORT_LIVED));
  await step("bookmarks: delete", () => sentinel.bookmarks.delete(group, name, BOOKMARK));
}
