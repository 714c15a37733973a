import "server-only";
import type { Config } from "@/lib/config";
import { drillSharesWith } from "@/lib/drills/own-identity";
import { quoted } from "./commands";

/**
 * The condition that lets the granter give the two custom roles to the planter, and Key Vault Secrets User and Key Vault
 * Reader to the drill, and nothing else to anybody. The words of docs/real-tenant.md and infra/.
 */
export const CONDITION = `(!(ActionMatches{'Microsoft.Authorization/roleAssignments/write'})
 OR (@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {$PLANT, $RETIRE}
     AND @Request[Microsoft.Authorization/roleAssignments:PrincipalId] ForAnyOfAnyValues:GuidEquals {$PLANTER})
 OR (@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {4633458b-17de-408a-b874-0445c86b69e6, 21090545-7ca7-4776-b22c-e363652d74d2}
     AND @Request[Microsoft.Authorization/roleAssignments:PrincipalId] ForAnyOfAnyValues:GuidEquals {$DRILL}))
AND
(!(ActionMatches{'Microsoft.Authorization/roleAssignments/delete'})
 OR (@Resource[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {$PLANT, $RETIRE}
     AND @Resource[Microsoft.Authorization/roleAssignments:PrincipalId] ForAnyOfAnyValues:GuidEquals {$PLANTER})
 OR (@Resource[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {4633458b-17de-408a-b874-0445c86b69e6, 21090545-7ca7-4776-b22c-e363652d74d2}
     AND @Resource[Microsoft.Authorization/roleAssignments:PrincipalId] ForAnyOfAnyValues:GuidEquals {$DRILL}))`;

/** What of it is for the drill alone. */
const FOR_THE_DRILL = /\n OR \([^()]*\{\$DRILL\}\)/g;

type Known = Pick<Config, "identities" | "plantRoleId" | "retireRoleId">;

/**
 * The command that gives the granter its role at a subscription (id), so constrained; where the drill has no identity of
 * its own, nobody may be given a role that reads. ROLE stands for the custom role of step 2 in docs/real-tenant.md, which
 * the configuration does not name.
 */
export function granterCommand({ identities, plantRoleId, retireRoleId }: Known, subscription: string): string {
  const roles = [plantRoleId, ...(retireRoleId === undefined ? [] : [retireRoleId])];
  const wanted = drillSharesWith(identities) === undefined ? CONDITION : CONDITION.replaceAll(FOR_THE_DRILL, "");
  const condition = wanted
    .replaceAll("$PLANT, $RETIRE", roles.join(", "))
    .replaceAll("$PLANTER", identities.planter.objectId)
    .replaceAll("$DRILL", identities.drill.objectId)
    .replaceAll(/\s+/g, " ");
  return `az role assignment create --assignee-object-id ${identities.granter.objectId} --assignee-principal-type ServicePrincipal --role ROLE --scope /subscriptions/${subscription} --condition-version 2.0 --condition ${quoted(condition)}`;
}
