import { all, type Stage } from "../stage";

const METADATA = "c0f0a11e-5555-4555-8555-000000000001";

/** Microsoft.Security: plans, alerts, assessments, scores, suppression rules, automations, settings. */
export async function driveDefender(stage: Stage): Promise<void> {
  await drivePricings(stage);
  await driveAlerts(stage);
  await driveAssessments(stage);
  await driveScores(stage);
  await driveSuppression(stage);
  await driveAutomations(stage);
  await driveSettings(stage);
}

/** The clients know only the plans of a subscription; those of one machine came with 2024-01-01. */
async function drivePricings({ clients: { security }, place, step, refused, raw }: Stage): Promise<void> {
  const { pricings } = security;
  await step("pricings: list", () => pricings.list());
  await step("pricings: get", () => pricings.get("KeyVaults"));
  await refused("pricings: get one that is not there", 404, () => pricings.get("NoSuchPlan"));
  await step("pricings: free", () => pricings.update("KeyVaults", { pricingTier: "Free" }));
  await step("pricings: standard", () =>
    pricings.update("KeyVaults", { pricingTier: "Standard", subPlan: "PerKeyVault" }),
  );

  const compute = "providers/Microsoft.Compute/virtualMachines?api-version=2024-07-01";
  const { id, group, subscription } = place.machine;
  await step("machines: list", () => raw("GET", `${subscription}/${compute}`));
  await step("machines: list in the group", () => raw("GET", `${group}/${compute}`));
  await step("machines: get", () => raw("GET", `${id}?api-version=2024-07-01`));
  const plan = `${id}/providers/Microsoft.Security/pricings`;
  const version = "?api-version=2024-01-01";
  await step("pricings of a machine: list", () => raw("GET", `${plan}${version}`));
  await step("pricings of a machine: put", () =>
    raw("PUT", `${plan}/VirtualMachines${version}`, { properties: { pricingTier: "Standard", subPlan: "P1" } }),
  );
  await step("pricings of a machine: get", () => raw("GET", `${plan}/VirtualMachines${version}`));
  await step("pricings of a machine: delete", () => raw("DELETE", `${plan}/VirtualMachines${version}`));
}

async function driveAlerts({ clients: { security }, place, step, refused, raw }: Stage): Promise<void> {
  const { alerts } = security;
  // By hand: since 2022-01-01 this is a long operation, which the clients do not know.
  const simulate = `${place.subscription}/providers/Microsoft.Security/locations/westeurope/alerts/default/simulate`;
  await step("alerts: simulate", () =>
    raw("POST", `${simulate}?api-version=2021-11-01`, { properties: { kind: "Bundles", bundles: ["KeyVaults"] } }),
  );
  const listed = await step("alerts: list", () => all(alerts.list()));
  const own = listed?.find(({ id }) => /\/resourceGroups\//i.test(id ?? "") && !/sample-rg/i.test(id ?? ""));
  const [, group = "", location = "", name = ""] =
    /\/resourceGroups\/([^/]+)\/.*\/locations\/([^/]+)\/alerts\/([^/]+)$/i.exec(own?.id ?? "") ?? [];
  await step("alerts: list of a region", () => all(alerts.listSubscriptionLevelByRegion(location)));
  await step("alerts: list of a group", () => all(alerts.listByResourceGroup(group)));
  await step("alerts: list of a group and region", () => all(alerts.listResourceGroupLevelByRegion(location, group)));
  await step("alerts: get", () => alerts.getSubscriptionLevel(location, name));
  await step("alerts: get in the group", () => alerts.getResourceGroupLevel(location, name, group));
  await refused("alerts: get one that is not there", 404, () => alerts.getSubscriptionLevel(location, "nowhere"));
  await step("alerts: dismiss", () => alerts.updateSubscriptionLevelStateToDismiss(location, name));
  await step("alerts: resolve", () => alerts.updateSubscriptionLevelStateToResolve(location, name));
  await step("alerts: activate", () => alerts.updateSubscriptionLevelStateToActivate(location, name));
  await step("alerts: dismiss in the group", () =>
    alerts.updateResourceGroupLevelStateToDismiss(location, name, group),
  );
  await step("alerts: resolve in the group", () =>
    alerts.updateResourceGroupLevelStateToResolve(location, name, group),
  );
  await step("alerts: activate in the group", () =>
    alerts.updateResourceGroupLevelStateToActivate(location, name, group),
  );
  // "In progress" is younger than the clients.
  const inProgress = `providers/Microsoft.Security/locations/${location}/alerts/${name}/inProgress?api-version=2022-01-01`;
  await step("alerts: in progress", () => raw("POST", `${place.subscription}/${inProgress}`));
  await step("alerts: in progress in the group", () =>
    raw("POST", `${place.subscription}/resourceGroups/${group}/${inProgress}`),
  );
}

async function driveAssessments({ clients: { security }, place, step, refused }: Stage): Promise<void> {
  const { assessments, assessmentsMetadata: metadata, subAssessments } = security;
  await step("assessment metadata: list in the tenant", () => all(metadata.list()));
  const known = await step("assessment metadata: list", () => all(metadata.listBySubscription()));
  await step("assessment metadata: get in the tenant", () => metadata.get(known?.[0]?.name ?? ""));
  await step("assessment metadata: create", () =>
    metadata.createInSubscription(METADATA, {
      displayName: "Vaults hold a honeytoken",
      description: "For this run only.",
      remediationDescription: "Plant one.",
      categories: ["Data"],
      severity: "Medium",
      userImpact: "Low",
      implementationEffort: "Low",
      threats: ["dataExfiltration"],
      assessmentType: "CustomerManaged",
    }),
  );
  await step("assessment metadata: get", () => metadata.getInSubscription(METADATA));

  const { id } = place.vault;
  await step("assessments: create", () =>
    assessments.createOrUpdate(id, METADATA, {
      resourceDetails: { source: "Azure" },
      status: { code: "Unhealthy", cause: "NoHoneytoken", description: "There is none." },
      additionalData: { looked: "everywhere" },
    }),
  );
  await step("assessments: update", () =>
    assessments.createOrUpdate(id, METADATA, { resourceDetails: { source: "Azure" }, status: { code: "Healthy" } }),
  );
  await step("assessments: get", () => assessments.get(id, METADATA));
  await step("assessments: get with metadata and links", async () => {
    await assessments.get(id, METADATA, { expand: "metadata" });
    await assessments.get(id, METADATA, { expand: "links" });
  });
  await refused("assessments: get one that is not there", 404, () => assessments.get(id, METADATA.replace(/1$/, "2")));
  await step("assessments: list of a vault", () => all(assessments.list(id)));
  await step("assessments: list of the subscription", () => all(assessments.list(place.subscription)));

  const subs = await step("sub-assessments: list all", () => all(subAssessments.listAll(place.machine.subscription)));
  const [, scope = "", parent = "", name = ""] =
    /^(.*)\/providers\/Microsoft\.Security\/assessments\/([^/]+)\/subAssessments\/([^/]+)$/i.exec(
      subs?.[0]?.id ?? "",
    ) ?? [];
  await step("sub-assessments: list", () => all(subAssessments.list(scope, parent)));
  await step("sub-assessments: get", () => subAssessments.get(scope, parent, name));

  await step("assessments: delete", () => assessments.delete(id, METADATA));
  await step("assessments: delete again", () => assessments.delete(id, METADATA));
  await step("assessment metadata: delete", () => metadata.deleteInSubscription(METADATA));
}

async function driveScores({ clients: { security }, step, refused }: Stage): Promise<void> {
  const { secureScores, secureScoreControls: controls, secureScoreControlDefinitions: definitions } = security;
  await step("scores: list", () => all(secureScores.list()));
  await step("scores: get", () => secureScores.get("ascScore"));
  await refused("scores: get one that is not there", 404, () => secureScores.get("nowhere"));
  await step("score controls: list", () => all(controls.list()));
  await step("score controls: list with definitions", () => all(controls.list({ expand: "definition" })));
  await step("score controls: list of a score", () => all(controls.listBySecureScore("ascScore")));
  await step("control definitions: list in the tenant", () => all(definitions.list()));
  await step("control definitions: list", () => all(definitions.listBySubscription()));
}

async function driveSuppression({ clients: { security }, step, refused }: Stage): Promise<void> {
  const { alertsSuppressionRules: rules } = security;
  const rule = {
    // Any other type must have been seen in the subscription, which depends on the world.
    alertType: "*",
    reason: "FalsePositive",
    comment: "A drill.",
    state: "Enabled" as const,
    expirationDateUtc: new Date(Date.UTC(2030, 0, 1)),
    suppressionAlertsScope: { allOf: [{ field: "entities.account.name", in: ["drill"] }] },
  };
  await step("suppression rules: create", () => rules.update("conformance", rule));
  await step("suppression rules: update", () => rules.update("conformance", { ...rule, state: "Disabled" }));
  await step("suppression rules: get", () => rules.get("conformance"));
  await refused("suppression rules: get one that is not there", 404, () => rules.get("nowhere"));
  await step("suppression rules: list", () => all(rules.list()));
  await step("suppression rules: delete", () => rules.delete("conformance"));
  await step("suppression rules: delete again", () => rules.delete("conformance"));
}

async function driveAutomations({ clients: { security }, place, step, refused }: Stage): Promise<void> {
  const { automations } = security;
  const { resourceGroup: group } = place.vault;
  const automation = {
    location: "westeurope",
    tags: { made: "here" },
    description: "For this run only.",
    isEnabled: true,
    scopes: [{ description: "All of it", scopePath: place.subscription }],
    sources: [
      {
        eventSource: "Alerts",
        ruleSets: [
          {
            rules: [
              {
                propertyJPath: "properties.severity",
                propertyType: "String",
                expectedValue: "High",
                operator: "Equals",
              },
            ],
          },
        ],
      },
    ],
    actions: [{ actionType: "Workspace" as const, workspaceResourceId: place.workspace.id }],
  };
  await step("automations: validate", () => automations.validate(group, "conformance", automation));
  await step("automations: create", () => automations.createOrUpdate(group, "conformance", automation));
  await step("automations: update", () =>
    automations.createOrUpdate(group, "conformance", { ...automation, isEnabled: false }),
  );
  await step("automations: get", () => automations.get(group, "conformance"));
  await refused("automations: get one that is not there", 404, () => automations.get(group, "nowhere"));
  await step("automations: list", () => all(automations.list()));
  await step("automations: list in the group", () => all(automations.listByResourceGroup(group)));
  await step("automations: delete", () => automations.delete(group, "conformance"));
  await step("automations: delete again", () => automations.delete(group, "conformance"));
}

async function driveSettings({ clients: { security }, step }: Stage): Promise<void> {
  const { settings, locations } = security;
  await step("security settings: list", () => all(settings.list()));
  await step("security settings: get", () => settings.get("MCAS"));
  await step("security settings: update", () => settings.update("MCAS", { kind: "DataExportSettings", enabled: true }));
  const known = await step("security locations: list", () => all(locations.list()));
  await step("security locations: get", () => locations.get(known?.[0]?.name ?? ""));
}
