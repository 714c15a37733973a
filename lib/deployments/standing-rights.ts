import "server-only";
import { z } from "zod";
import { kqlLiteral } from "@/lib/azure/kql-literal.pure";
import { queryResourceGraph } from "@/lib/azure/resource-graph";
import { normaliseId } from "@/lib/azure/resource-id.pure";
import type { ServiceContext } from "@/lib/context";
import { readKql, withoutComments } from "@/lib/kql-files";
import { assignmentName } from "./internal/grants";

const Row = z.object({ id: z.string(), name: z.string(), scope: z.string(), role: z.string() });

/** An assignment of one of the two custom roles to the planter. */
export interface StandingRight {
  /** Normalised id of the vault or group. */
  scope: string;
  assignment: string;
  /** Its name is the one that this product gives at that vault: it was left over. Else a person may have given it. */
  ours: boolean;
}

/**
 * Assignments of the two custom roles that stand now, found without a database because our names are a function of tenant,
 * vault, planter and role. One Resource Graph call.
 */
export async function standingRights(service: ServiceContext): Promise<StandingRight[]> {
  const { azure, config } = service;
  const kql = withoutComments(readKql("lib/deployments/queries/standing-rights.kql"));
  const planter = config.identities.planter.objectId;
  const query = kql.replace("'PRINCIPAL'", () => kqlLiteral(planter));
  const rows = await queryResourceGraph(azure.collector, query, Row);
  return rows
    .filter(({ role }) => role === config.plantRoleId.toLowerCase() || role === config.retireRoleId?.toLowerCase())
    .map(({ name, scope, role }) => {
      const at = normaliseId(scope);
      return { scope: at, assignment: name, ours: assignmentName(service, at, role) === name };
    });
}
