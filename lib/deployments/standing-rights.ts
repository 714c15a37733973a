import "server-only";
import { z } from "zod";
import { kqlLiteral } from "@/lib/azure/kql-literal.pure";
import { queryResourceGraph } from "@/lib/azure/resource-graph";
import { normaliseId, parseVaultId } from "@/lib/azure/resource-id.pure";
import type { ServiceContext } from "@/lib/context";
import { readKql, withoutComments } from "@/lib/kql-files";
import { assignmentName, LEASE_MS, type Purpose, roleFor } from "./internal/grants";
import { guidOf } from "./internal/ids";
import { READ_ROLES } from "./read-grants.pure";

const Row = z.object({
  id: z.string(),
  name: z.string(),
  scope: z.string(),
  role: z.string(),
  principal: z.string().toLowerCase(),
  created: z.string().transform((text) => new Date(text)),
});

/** An assignment of one of the two custom roles to the planter, or of a role to read to the identity that makes drills. */
export interface StandingRight {
  /** Normalised id of the vault or group. */
  scope: string;
  assignment: string;
  purpose: Purpose | "read";
  /** Object id of whoever holds it, lower case. */
  principal: string;
  createdAt: Date;
  /** Its name is the one that this product gives at that vault or group: it was left over. Else a person may have given it. */
  ours: boolean;
}

/**
 * Assignments of our roles that stand now, found without a database because our names are a function of tenant, scope,
 * identity and role. One Resource Graph call.
 */
export async function standingRights(service: ServiceContext): Promise<StandingRight[]> {
  const { azure, config } = service;
  const kql = withoutComments(readKql("lib/deployments/queries/standing-rights.kql"));
  const { planter, drill } = config.identities;
  const query = kql
    .replace("'PLANTER'", () => kqlLiteral(planter.objectId.toLowerCase()))
    .replace("'READER'", () => kqlLiteral(drill.objectId.toLowerCase()));
  const rows = await queryResourceGraph(azure.collector, query, Row);
  const given = new Map<string, StandingRight["purpose"]>();
  given.set(`${planter.objectId.toLowerCase()} ${config.plantRoleId.toLowerCase()}`, "plant");
  given.set(`${planter.objectId.toLowerCase()} ${config.retireRoleId?.toLowerCase()}`, "retire");
  for (const { id } of Object.values(READ_ROLES)) given.set(`${drill.objectId.toLowerCase()} ${id}`, "read");
  return rows.flatMap(({ name, scope, role, principal, created }) => {
    const [purpose, at] = [given.get(`${principal} ${role}`), normaliseId(scope)];
    if (!purpose) return [];
    // As it is configured, since that is what the name was made of.
    const named =
      purpose === "read"
        ? assignmentName(service, at, role, drill.objectId.toLowerCase())
        : assignmentName(service, at, roleFor(service, purpose));
    return [{ scope: at, assignment: name, purpose, principal, createdAt: created, ours: named === name }];
  });
}

/** Resource Graph shows a change of the last minutes late. */
const SHOWN_WITHIN_MS = 15 * 60_000;

/**
 * Puts assignments of ours that no record knows on record again, as after a lost or restored database, with the time at
 * which they would have expired: the sweeper then takes them back, and the page of open grants shows them until then.
 *
 * @returns how many were new to us
 */
export async function recordStandingRights(service: ServiceContext): Promise<number> {
  const { db, now } = service;
  const ours = (await standingRights(service)).filter((right) => right.ours);
  let recorded = 0;
  for (const { scope, assignment, purpose, principal, createdAt } of ours) {
    if (now().getTime() - createdAt.getTime() < LEASE_MS) continue;
    const known = await db
      .selectFrom("deployment_grant")
      .select("id")
      .where("assignment_id", "=", assignment)
      .where((eb) =>
        eb.or([eb("state", "<>", "revoked"), eb("updated_at", ">", new Date(now().getTime() - SHOWN_WITHIN_MS))]),
      )
      .executeTakeFirst();
    if (known) continue;
    const { numInsertedOrUpdatedRows: rows } = await db
      .insertInto("deployment_grant")
      .values({
        id: guidOf("standing-right", assignment, createdAt.toISOString()),
        item_id: null,
        deployment_id: null,
        principal_oid: purpose === "read" ? principal : null,
        scope,
        vault_id: parseVaultId(scope) ?? null,
        model: "rbac",
        assignment_id: assignment,
        given_as: "assignment",
        added: JSON.stringify({ secrets: [], keys: [] }),
        before: JSON.stringify({ purpose }),
        state: "given",
        lease_until: new Date(createdAt.getTime() + LEASE_MS),
        created_at: createdAt,
        updated_at: now(),
      })
      .onConflict((conflict) => conflict.column("id").doNothing())
      .executeTakeFirst();
    recorded += Number(rows ?? 0);
  }
  return recorded;
}
