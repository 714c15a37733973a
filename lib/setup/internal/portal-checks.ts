import "server-only";
import { z } from "zod";
import { graphPermissionsOf } from "@/lib/azure/graph";
import { checkGraphIncidents } from "@/lib/azure/graph-incidents";
import { queryLogs } from "@/lib/azure/logs";
import type { UserContext } from "@/lib/context";
import { readKql, withoutComments } from "@/lib/kql-files";
import type { Check } from "../checks.pure";
import { check, type Found, type Looker, right, unknown, warning, wrong } from "./check";

const Provider = z.object({ Provider: z.string(), At: z.coerce.date() });

/** Where the newest incident of the last 30 days is kept; undefined = there was none. */
export type Portal = () => Promise<{ moved: boolean; at: Date } | undefined>;

export async function newestIncident({ azure, config }: Looker): ReturnType<Portal> {
  const query = { kql: withoutComments(readKql("lib/setup/queries/provider.kql")), timespan: "P30D" };
  const [newest] = await queryLogs(azure.collector, config.workspace.customerId, query, Provider);
  return newest && { moved: newest.Provider === "Microsoft XDR", at: newest.At };
}

const WRITE = "SecurityIncident.ReadWrite.All";
/** Application permission of Microsoft Graph of that name, and Graph itself. Source: permissions reference, Microsoft Learn. */
const WRITE_ID = "34bf0e97-1971-4929-b999-9e2442d941d7";
const GRAPH_APP = "00000003-0000-0000-c000-000000000000";

const NOT_NEEDED = "Not needed: the newest incident is kept in Microsoft Sentinel.";
const NO_INCIDENT = "No incident of the last 30 days tells where they are kept.";
const RUN_A_DRILL = "Run a drill: it makes one.";
const DRILLS = { link: { href: "/setup/drills", text: "Open the drills" } };

/** Whether the workspace has moved to the Defender portal, and whether the product may write incidents there. */
export function portalChecks(service: Looker, portal: Portal): Promise<Check[]> {
  return Promise.all([
    check(service, "sentinel", "portal", "Where incidents are kept", () => place(portal)),
    check(service, "sentinel", "graph-registrar", "The registrar may change incidents in the Defender portal", () =>
      registrar(service, portal),
    ),
  ]);
}

async function place(portal: Portal): Promise<Found> {
  const newest = await portal();
  if (!newest) return warning(NO_INCIDENT, RUN_A_DRILL, DRILLS);
  if (!newest.moved) {
    return right(
      "In Microsoft Sentinel, and the product changes them there. Azure's own page for them ends on 31 March 2027; before the workspace moves to the Defender portal, give the permissions of Microsoft Graph.",
      newest.at,
    );
  }
  return right(
    "In the Defender portal. Changes go through Microsoft Graph and take up to 5 minutes to show in Sentinel. The rules stay rules of the workspace; the page Rules also exports them as custom detections. Defender may rename and merge incidents, so the product knows its own by rule.",
    newest.at,
  );
}

async function registrar({ azure, config }: Looker, portal: Portal): Promise<Found> {
  const newest = await portal();
  if (newest && !newest.moved) return right(NOT_NEEDED, newest.at);
  const { objectId } = config.identities.registrar;
  const way = { command: granting(config.cloud.graph, objectId) };
  const held = await graphPermissionsOf(azure.registrar);
  if (held && !held.includes(WRITE)) {
    const has =
      held.length > 0 ? `It has ${held.join(", ")} of Microsoft Graph` : "It has no permission of Microsoft Graph";
    const fix = `Give it the application permission ${WRITE}: drills are closed with it.`;
    if (newest) return wrong(`${has}.`, fix, way);
    return warning(`${has}, and no incident tells yet whether the workspace is in the Defender portal.`, fix, way);
  }
  await checkGraphIncidents(azure.registrar);
  if (held) return right(`It has ${WRITE}, and Graph shows it incidents.`);
  return unknown(
    "It may read incidents; its token does not say whether it may change them.",
    `It takes ${WRITE}.`,
    way,
  );
}

function granting(graph: string, objectId: string): string {
  const resource = `$(az ad sp show --id ${GRAPH_APP} --query id -o tsv)`;
  const body = `{\\"principalId\\":\\"${objectId}\\",\\"resourceId\\":\\"${resource}\\",\\"appRoleId\\":\\"${WRITE_ID}\\"}`;
  return `az rest --method POST --url ${graph}/v1.0/servicePrincipals/${objectId}/appRoleAssignments --body "${body}"`;
}

/** That the product may change incidents of the Defender portal for the person who asks. */
export function consentCheck(ctx: UserContext, portal: Portal): Promise<Check> {
  const { asUser, user, config } = ctx;
  return check(ctx, "sign_in", "consent-graph", "It may act for people in the Defender portal", async () => {
    // Where no incident tells, it is asked for all the same: the first one may come at any time.
    const newest = await portal();
    if (newest && !newest.moved) return right(NOT_NEEDED, newest.at);
    await asUser.credential.getToken(`${asUser.cloud.graph}/${WRITE}`);
    return right(`Entra ID gave it a token with ${WRITE} for ${user.name} (API ${config.auth.apiClientId}).`);
  });
}
