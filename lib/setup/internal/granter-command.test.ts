import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Config } from "@/lib/config";
import { READ_ROLES } from "@/lib/deployments/read-grants.pure";
import { CONDITION, granterCommand } from "./granter-command";

const of = (name: string) => ({ clientId: `${name}-client`, objectId: `${name}-object` });
const config: Pick<Config, "identities" | "plantRoleId" | "retireRoleId"> = {
  identities: {
    ...{ collector: of("collector"), registrar: of("registrar"), planter: of("planter") },
    ...{ granter: of("granter"), drill: of("drill") },
  },
  plantRoleId: "plant-role",
  retireRoleId: "retire-role",
};

test("the granter is constrained in the words of the guide and of infra/", () => {
  for (const file of ["docs/real-tenant.md", "infra/modules/roles-subscription.bicep"])
    expect(readFileSync(file, "utf8")).toContain(CONDITION);
});

test("the command names who may get what, leaves no placeholder of the condition, and is one word of a shell", () => {
  const command = granterCommand(config, "sub");
  expect(command).toContain("--assignee-object-id granter-object ");
  expect(command).toContain("--scope /subscriptions/sub ");
  expect(command).toContain("{plant-role, retire-role} AND");
  expect(command).toContain("GuidEquals {planter-object}");
  expect(command).toContain("GuidEquals {drill-object}");
  expect(command).not.toMatch(/\$|\n/);
  const [, quoted = ""] = command.split("--condition '");
  expect(quoted.replaceAll("'\\''", "").slice(0, -1)).not.toContain("'");
  expect(granterCommand({ ...config, retireRoleId: undefined }, "sub")).toContain("GuidEquals {plant-role} AND");
});

test.each(["planter", "granter"] as const)(
  "nobody may be given a role that reads while the drill is the %s",
  (other) => {
    const identities = { ...config.identities, drill: config.identities[other] };
    const command = granterCommand({ ...config, identities }, "sub");
    for (const { id } of Object.values(READ_ROLES)) expect(command).not.toContain(id);
    expect(command).toContain(
      "(!(ActionMatches{'\\''Microsoft.Authorization/roleAssignments/write'\\''}) " +
        "OR (@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {plant-role, retire-role} " +
        "AND @Request[Microsoft.Authorization/roleAssignments:PrincipalId] ForAnyOfAnyValues:GuidEquals {planter-object})) AND " +
        "(!(ActionMatches{'\\''Microsoft.Authorization/roleAssignments/delete'\\''}) " +
        "OR (@Resource[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {plant-role, retire-role} " +
        "AND @Resource[Microsoft.Authorization/roleAssignments:PrincipalId] ForAnyOfAnyValues:GuidEquals {planter-object}))'",
    );
  },
);
