import { all, type Stage } from "../stage";

const READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7";
const NAME = "c0f0a11e-1111-4111-8111-000000000001";

/** What a time-bound role has to stand before it can be taken back, in a real tenant. */
const STANDS_MS = 5 * 60_000;

/** Microsoft.Authorization: role assignments, time-bound ones, role definitions, the caller's own permissions. */
export async function driveRoles(stage: Stage): Promise<void> {
  await driveAssignments(stage);
  await driveSchedules(stage);
}

async function driveSchedules({ clients, place, step, refused, advance }: Stage): Promise<void> {
  const { roleAssignmentScheduleRequests: requests, roleAssignmentScheduleInstances: instances } =
    clients.authorization;
  const { id } = place.vault;
  const wanted = {
    roleDefinitionId: `${place.subscription}/providers/Microsoft.Authorization/roleDefinitions/${READER}`,
    principalId: place.person,
    justification: "For this run only.",
  };
  const lasting = (duration: string) => ({ expiration: { type: "AfterDuration", duration } });
  const assign = { ...wanted, requestType: "AdminAssign", scheduleInfo: lasting("PT1H") };
  // The same names in every pass: what the activity log says is compared.
  const named = (digit: number) => `c0f0a11e-1111-4111-8111-00000000010${digit}`;
  const name = named(0);
  await step("time-bound roles: give one", () => requests.create(id, name, assign));
  await refused("time-bound roles: give it again", 409, () => requests.create(id, named(1), assign));
  await refused("time-bound roles: too short a one", 400, () =>
    requests.create(id, named(2), { ...assign, scheduleInfo: lasting("PT1M") }),
  );
  await step("time-bound roles: prolong it", () =>
    requests.create(id, named(3), { ...assign, requestType: "AdminExtend", scheduleInfo: lasting("PT2H") }),
  );
  await step("time-bound roles: get a request", () => requests.get(id, name));
  await refused("time-bound roles: get a request that is not there", 404, () => requests.get(id, named(4)));
  await step("time-bound roles: list requests", () => all(requests.listForScope(id, { filter: "atScope()" })));
  await step("time-bound roles: list active ones", () =>
    all(instances.listForScope(id, { filter: `principalId eq '${place.person}'` })),
  );
  const remove = { ...wanted, requestType: "AdminRemove" };
  await refused("time-bound roles: take it back too early", 400, () => requests.create(id, named(5), remove));
  await advance(STANDS_MS);
  await step("time-bound roles: take it back", () => requests.create(id, named(6), remove));
  await refused("time-bound roles: take it back again", 400, () => requests.create(id, named(7), remove));
}

async function driveAssignments({ clients: { authorization: client }, place, step, refused }: Stage): Promise<void> {
  const { id, resourceGroup: group, name } = place.vault;
  const role = `${place.subscription}/providers/Microsoft.Authorization/roleDefinitions/${READER}`;
  const assignment = {
    roleDefinitionId: role,
    principalId: place.person,
    principalType: "User",
    description: "For this run only.",
  };
  await step("role assignments: create", () => client.roleAssignments.create(id, NAME, assignment));
  await refused("role assignments: create a second one", 409, () =>
    client.roleAssignments.create(id, NAME.replace(/1$/, "2"), assignment),
  );
  await step("role assignments: get", () => client.roleAssignments.get(id, NAME));
  await step("role assignments: list at a scope", () =>
    all(client.roleAssignments.listForScope(id, { filter: "atScope()" })),
  );
  await step("role assignments: list of a principal", () =>
    all(client.roleAssignments.listForScope(id, { filter: `principalId eq '${place.person}'` })),
  );
  await step("role assignments: list in the subscription", () => all(client.roleAssignments.listForSubscription()));
  await step("role assignments: list in the group", () => all(client.roleAssignments.listForResourceGroup(group)));
  await step("role assignments: delete", () => client.roleAssignments.delete(id, NAME));
  await step("role assignments: delete again", () => client.roleAssignments.delete(id, NAME));
  await refused("role assignments: get one that is not there", 404, () => client.roleAssignments.get(id, NAME));

  await step("role definitions: list", () => all(client.roleDefinitions.list(place.subscription)));
  await step("role definitions: get", () => client.roleDefinitions.get(place.subscription, READER));
  await step("role definitions: get by its id", () =>
    client.roleDefinitions.getById(`/providers/Microsoft.Authorization/roleDefinitions/${READER}`),
  );
  await step("role definitions: list those of the tenant", () => all(client.roleDefinitions.list("")));

  const custom = "c0f0a11e-1111-4111-8111-000000000009";
  await step("role definitions: create", () =>
    client.roleDefinitions.createOrUpdate(place.subscription, custom, {
      roleName: "Reader of vaults",
      description: "For this run only.",
      roleType: "CustomRole",
      assignableScopes: [place.subscription],
      permissions: [
        { actions: ["Microsoft.KeyVault/vaults/read"], notActions: [], dataActions: [], notDataActions: [] },
      ],
    }),
  );
  await step("role definitions: delete", () => client.roleDefinitions.delete(place.subscription, custom));

  await step("permissions: in the group", () => all(client.permissions.listForResourceGroup(group)));
  await step("permissions: on the vault", () =>
    all(client.permissions.listForResource(group, "Microsoft.KeyVault", "", "vaults", name)),
  );
}
