import "server-only";
import { z } from "zod";
import { queryLogs } from "@/lib/azure/logs";
import { sentinelIsOn } from "@/lib/azure/onboarding";
import { customerIdOf, listTablePlans, type TablePlan } from "@/lib/azure/tables";
import { getWatchlist } from "@/lib/azure/watchlists";
import { readingWatchlist, readKql, withoutComments } from "@/lib/kql-files";
import type { Check } from "../checks.pure";
import { check, type Found, type Looker, once, right, warning, wrong } from "./check";
import { activityCommand, sentinelCommand } from "./commands";

const AUDIT_TABLES = ["AzureDiagnostics", "AZKVAuditLogs"];
/** Key Vaults are used all the time somewhere; a day without a row means that nothing arrives. Hours. */
const DATA_AGE_MAX_HOURS = 24;
/** What rules read of the register; the last five are ours. */
const COLUMNS = [
  "ResourceId",
  "HoneyToken",
  "Properties",
  "TokenKey",
  "State",
  "PlanterOid",
  "WindowStart",
  "WindowEnd",
];

const kql = (name: string) => withoutComments(readKql(`lib/setup/queries/${name}.kql`));

/** The workspace, what arrives in it, Sentinel, and the register in it; all read as the collecting identity. */
export function workspaceChecks(service: Looker): Promise<Check[]> {
  const plans = once(() => listTablePlans(service.azure.collector, service.config.workspace.resourceId));
  const newest = once(() => newestRows(service));
  return Promise.all([
    check(service, "workspace", "workspace", "The workspace can be read", () => readable(service, plans)),
    check(service, "workspace", "tables", "Rules can read both audit tables", () => tablePlans(service, plans)),
    check(service, "data", "audit-rows", "Audit rows of key vaults arrive", () => auditRows(service, newest)),
    check(service, "data", "activity-rows", "The activity log arrives", () => activityRows(service, newest)),
    check(service, "sentinel", "sentinel", "Microsoft Sentinel is on", () => sentinel(service)),
    check(service, "register", "watchlist", "The register is published", () => watchlist(service)),
  ]);
}

async function readable({ azure, config }: Looker, plans: () => Promise<TablePlan[]>): Promise<Found> {
  const { resourceId, customerId } = config.workspace;
  const [tables, known] = await Promise.all([plans(), customerIdOf(azure.collector, resourceId)]);
  if (known !== customerId.toLowerCase()) {
    return wrong(
      `${resourceId.split("/").at(-1)} has the workspace id ${known}; configured is ${customerId}, that of another one.`,
      "Set SENTINEL_WORKSPACE_RESOURCE_ID and SENTINEL_WORKSPACE_ID to the ids of the same workspace, and start again.",
    );
  }
  await queryLogs(
    azure.collector,
    customerId,
    { kql: "print Answer = 1", timespan: "PT1H" },
    z.object({ Answer: z.number() }),
  );
  return right(`It has ${tables.length} tables and answers queries.`);
}

function portalPage({ cloud, tenantId, workspace }: Looker["config"]): string {
  return `${cloud.portal}/#@${tenantId}/resource${workspace.resourceId}`;
}

async function tablePlans({ config }: Looker, plans: () => Promise<TablePlan[]>): Promise<Found> {
  const parts = config.workspace.resourceId.split("/");
  const blind = (await plans()).filter(({ name, plan }) => AUDIT_TABLES.includes(name) && plan !== "Analytics");
  if (blind.length === 0) return right("No audit table is on another plan than Analytics.");
  const names = blind.map(({ name, plan }) => `${name} (${plan})`).join(", ");
  return wrong(`Rules cannot read ${names}.`, "Set the table's plan to Analytics.", {
    command: blind
      .map(
        ({ name }) =>
          `az monitor log-analytics workspace table update --resource-group ${parts[4]} --workspace-name ${parts[8]} --name ${name} --plan Analytics`,
      )
      .join(" && "),
  });
}

const NewestRow = z.object({ Source: z.string(), Newest: z.string().nullish() });

/** Newest row by table. */
type Newest = () => Promise<Map<string, Date>>;

async function newestRows({ azure, config }: Looker): Promise<Map<string, Date>> {
  const query = { kql: kql("newest"), timespan: "P30D" };
  const rows = await queryLogs(azure.collector, config.workspace.customerId, query, NewestRow);
  return new Map(rows.flatMap(({ Source, Newest: at }) => (at ? [[Source, new Date(at)] as const] : [])));
}

async function auditRows(service: Looker, newest: Newest): Promise<Found> {
  const rows = await newest();
  const found = AUDIT_TABLES.flatMap((table) => {
    const at = rows.get(table);
    return at ? [{ table, at }] : [];
  });
  const said = found.map(({ table, at }) => `${table}: newest row ${minutes(at)} UTC`).join("; ");
  const at = found.map((one) => one.at).sort((a, b) => b.getTime() - a.getTime())[0];
  const fix = "Send the audit log of the key vaults to this workspace; the board does it vault by vault.";
  const way = { link: { href: "/vaults", text: "Open the board" } };
  if (found.length === 0) return wrong("No audit row of a key vault came within 30 days.", fix, way);
  return found.some(({ at }) => hoursSince(service, at) <= DATA_AGE_MAX_HOURS)
    ? right(`${said}.`, at)
    : wrong(`${said}.`, fix, { ...way, ...(at && { at }) });
}

async function activityRows(service: Looker, newest: Newest): Promise<Found> {
  const at = (await newest()).get("AzureActivity");
  const fix =
    "Send each subscription's activity log to the workspace. Without it, tampering with rules, settings and vaults is not seen.";
  const { azure, config } = service;
  const to = { subscription: "SUBSCRIPTION", name: "activity-log", workspace: config.workspace.resourceId };
  const way = { command: activityCommand(azure.collector.cloud.arm, to) };
  if (!at) {
    const evidence = "No row of the activity log came within 30 days.";
    return wrong(evidence, `${fix} After that the first rows take up to 90 minutes.`, way);
  }
  const said = `Newest row ${minutes(at)} UTC.`;
  if (hoursSince(service, at) <= DATA_AGE_MAX_HOURS) return right(said, at);
  const quiet =
    "A small estate has days on which nobody changes anything. If somebody did since then, something is cut off.";
  return warning(said, `${quiet} ${fix}`, { ...way, at });
}

async function sentinel({ azure, config }: Looker): Promise<Found> {
  if (await sentinelIsOn(azure.collector, config.workspace.resourceId)) return right("It is on for this workspace.");
  return wrong("It is not on for this workspace.", "Add Microsoft Sentinel to the workspace.", {
    command: sentinelCommand(azure.collector.cloud.arm, config.workspace.resourceId),
    link: { href: portalPage(config), text: "Open the workspace in the Azure portal" },
  });
}

async function watchlist({ azure, config }: Looker): Promise<Found> {
  const { watchlistAlias: alias, workspace } = config;
  const list = await getWatchlist(azure.collector, workspace.resourceId, alias);
  const fix = "It is made with the first deployment. Set up for me makes it now, empty.";
  if (!list) {
    const link = { href: "/setup/run", text: "Open Set up for me" };
    return warning(`There is no watchlist ${alias} yet.`, fix, { link });
  }
  const query = { kql: readingWatchlist("_GetWatchlist('HoneyTokens') | getschema | project ColumnName", alias) };
  const rows = await queryLogs(azure.collector, workspace.customerId, query, z.object({ ColumnName: z.string() }));
  const present = new Set(rows.map(({ ColumnName }) => ColumnName));
  const missing = COLUMNS.filter((column) => !present.has(column));
  if (missing.length === 0) return right(`The watchlist ${alias} is there and has every column.`);
  // Azure shows the columns of the rows, so a list without rows has none.
  if (missing.length === COLUMNS.length) return right(`The watchlist ${alias} is there and has no row yet.`);
  return warning(
    `The watchlist ${alias} lacks the columns ${missing.join(", ")}.`,
    "It is watched all the same; the missing columns come with the first row that this product writes.",
  );
}

function hoursSince({ now }: Pick<Looker, "now">, at: Date): number {
  return (now().getTime() - at.getTime()) / 3_600_000;
}

function minutes(time: Date): string {
  return time.toISOString().slice(0, 16).replace("T", " ");
}
