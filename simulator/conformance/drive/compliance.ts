import { all, type Stage } from "../stage";

/** What is assigned at the subscription. */
interface PolicyNames {
  audit: string;
  modify: string;
  /** Of an initiative and of its assignment. */
  initiative: string;
}

/** Microsoft.PolicyInsights: compliance states and remediations of what was assigned. */
export async function driveCompliance(stage: Stage, names: PolicyNames): Promise<void> {
  await driveStates(stage, names);
  await driveRemediations(stage, names);
}

async function driveStates(
  { clients: { policyInsights }, place, step, refused, advance, raw }: Stage,
  { audit, initiative }: PolicyNames,
): Promise<void> {
  const { policyStates: states } = policyInsights;
  const { subscriptionId: id, tenantId } = place;
  const { resourceGroup: group } = place.vault;
  await step("policy states: evaluate the subscription", async () => {
    const poller = await states.beginTriggerSubscriptionEvaluation(id, { updateIntervalInMs: 1 });
    await poller.poll();
    await advance(3_600_000);
    await poller.pollUntilDone();
  });
  await step("policy states: evaluate the group", async () => {
    const poller = await states.beginTriggerResourceGroupEvaluation(id, group, { updateIntervalInMs: 1 });
    await poller.poll();
    await advance(3_600_000);
    await poller.pollUntilDone();
  });
  const options = { queryOptions: { top: 20, orderBy: "timestamp desc" } };
  await step("policy states: of the subscription", () =>
    all(states.listQueryResultsForSubscription("latest", id, options)),
  );
  await step("policy states: grouped", () =>
    raw(
      "POST",
      `${place.subscription}/providers/Microsoft.PolicyInsights/policyStates/latest/queryResults?api-version=2024-10-01&$apply=${encodeURIComponent(
        `groupby((policyAssignmentId, isCompliant), aggregate(${["$count", "count"].join(" as ")}))`,
      )}`,
    ),
  );
  await step("policy states: of the management group", () =>
    all(states.listQueryResultsForManagementGroup("latest", tenantId, options)),
  );
  await step("policy states: of the group", () =>
    all(states.listQueryResultsForResourceGroup("latest", id, group, options)),
  );
  await step("policy states: of the vault", () =>
    all(
      states.listQueryResultsForResource("latest", place.vault.id, {
        queryOptions: { expand: "PolicyEvaluationDetails" },
      }),
    ),
  );
  await step("policy states: of an initiative", () =>
    all(states.listQueryResultsForPolicySetDefinition("latest", id, initiative, options)),
  );
  await step("policy states: of a definition", () =>
    all(states.listQueryResultsForPolicyDefinition("latest", id, audit, options)),
  );
  await step("policy states: of an assignment", () =>
    all(states.listQueryResultsForSubscriptionLevelPolicyAssignment("latest", id, initiative, options)),
  );
  await refused("policy states: with a wrong filter", 400, () =>
    all(states.listQueryResultsForSubscription("latest", id, { queryOptions: { filter: "no such thing" } })),
  );
  await step("policy states: summary of the subscription", () => states.summarizeForSubscription("latest", id));
  await step("policy states: summary of the management group", () =>
    states.summarizeForManagementGroup("latest", tenantId),
  );
  await step("policy states: summary of the group", () => states.summarizeForResourceGroup("latest", id, group));
  await step("policy states: summary of the vault", () => states.summarizeForResource("latest", place.vault.id));
  await step("policy states: summary of an initiative", () =>
    states.summarizeForPolicySetDefinition("latest", id, initiative),
  );
  await step("policy states: summary of a definition", () => states.summarizeForPolicyDefinition("latest", id, audit));
  await step("policy states: summary of an assignment", () =>
    states.summarizeForSubscriptionLevelPolicyAssignment("latest", id, initiative),
  );
}

async function driveRemediations(
  { clients, place, step, refused, advance }: Stage,
  { modify }: PolicyNames,
): Promise<void> {
  const { remediations } = clients.policyInsights;
  const { resourceGroup: group, id: vault } = place.vault;
  const task = {
    policyAssignmentId: `${place.subscription}/providers/Microsoft.Authorization/policyAssignments/${modify}`,
    resourceDiscoveryMode: "ExistingNonCompliant",
    resourceCount: 100,
    parallelDeployments: 5,
    failureThreshold: { percentage: 1 },
  };
  await step("remediations: create", () => remediations.createOrUpdateAtSubscription("all", task));
  await refused("remediations: create a wrong one", 400, () =>
    remediations.createOrUpdateAtSubscription("wrong", { ...task, parallelDeployments: 1000 }),
  );
  await step("remediations: get", () => remediations.getAtSubscription("all"));
  await step("remediations: list", () => all(remediations.listForSubscription()));
  await step("remediations: cancel", () => remediations.cancelAtSubscription("all"));
  await advance(3_600_000);
  await step("remediations: create at the vault", () =>
    remediations.createOrUpdateAtResource(vault, "of-vault", { policyAssignmentId: task.policyAssignmentId }),
  );
  await advance(3_600_000);
  await step("remediations: get at the vault", () => remediations.getAtResource(vault, "of-vault"));
  await step("remediations: list at the vault", () => all(remediations.listForResource(vault)));
  await step("remediations: deployments at the vault", () =>
    all(remediations.listDeploymentsAtResource(vault, "of-vault")),
  );
  await step("remediations: delete at the vault", () => remediations.deleteAtResource(vault, "of-vault"));
  await step("remediations: create for some", () =>
    remediations.createOrUpdateAtSubscription("some", { ...task, resourceCount: 2 }),
  );
  await advance(3_600_000);
  await step("remediations: deployments", () => all(remediations.listDeploymentsAtSubscription("some")));
  await step("remediations: create at the group", () =>
    remediations.createOrUpdateAtResourceGroup(group, "of-group", task),
  );
  await advance(3_600_000);
  await step("remediations: get at the group", () => remediations.getAtResourceGroup(group, "of-group"));
  await step("remediations: list at the group", () => all(remediations.listForResourceGroup(group)));
  await step("remediations: deployments at the group", () =>
    all(remediations.listDeploymentsAtResourceGroup(group, "of-group")),
  );
  await step("remediations: delete", () => remediations.deleteAtSubscription("some"));
  await step("remediations: delete again", () => remediations.deleteAtSubscription("some"));
}
