import "server-only";
import {
  ACTIVITY_CATEGORY,
  type ActivitySetting,
  listActivitySettings,
  putActivitySetting,
} from "@/lib/azure/diagnostics";
import { sentinelIsOn, switchSentinelOn } from "@/lib/azure/onboarding";
import { normaliseId } from "@/lib/azure/resource-id.pure";
import { getWatchlist } from "@/lib/azure/watchlists";
import type { UserContext } from "@/lib/context";
import { AppError } from "@/lib/errors";
import { ensureRegister } from "@/lib/register/publish";
import { deployRules } from "@/lib/rules/deploy";
import { DeployRules, hasWork, needsOverwrite, type RulePack } from "@/lib/rules/pack.pure";
import { readPack } from "@/lib/rules/read";
import { activityCommand, sentinelCommand } from "../commands";
import { REGISTRAR_ROLE } from "./roles";
import { type Look, nameOf, RIGHT, type SetupStep, WRITTEN, type Written } from "./step";

const SENTINEL_ROLE = "Microsoft Sentinel Contributor";
export const SENTINEL = "sentinel";

/** Microsoft Sentinel, the register and the rules, which all live in the workspace. */
export function workspaceSteps({ config, asUser }: UserContext): SetupStep[] {
  const { resourceId } = config.workspace;
  const where = `the workspace ${nameOf(resourceId)}`;
  const right = (action: string) => ({
    action: `Microsoft.SecurityInsights/${action}`,
    scope: resourceId,
    where,
    role: SENTINEL_ROLE,
  });
  return [
    {
      id: SENTINEL,
      title: "Microsoft Sentinel",
      why: "Incidents are raised there. It is billed by the data that the workspace takes in.",
      where,
      writes: ["the onboarding state of the workspace"],
      by: "you",
      needs: [],
      rights: [right("onboardingStates/write")],
      command: sentinelCommand(asUser.cloud.arm, resourceId),
      look: async (ctx) => ((await sentinelIsOn(ctx.asUser, resourceId)) ? RIGHT : { state: "missing", detail: "" }),
      write: async (ctx) => {
        await switchSentinelOn(ctx.asUser, resourceId);
        return WRITTEN;
      },
    },
    {
      id: "watchlist",
      title: "The register",
      why: "Rules read in it what a honeytoken is.",
      where,
      writes: [`the watchlist ${config.watchlistAlias}, empty`],
      by: "registrar",
      needs: [SENTINEL, REGISTRAR_ROLE],
      rights: [right("Watchlists/write")],
      look: async (ctx) => {
        const list = await getWatchlist(ctx.asUser, resourceId, ctx.config.watchlistAlias);
        return list ? RIGHT : { state: "missing", detail: "" };
      },
      write: async (ctx) => {
        await ensureRegister(ctx);
        return WRITTEN;
      },
    },
    {
      id: "rules",
      title: "Analytics rules",
      why: "They raise the incident when a honeytoken is touched or somebody blinds the product.",
      where,
      writes: ["those rules of the product that are missing, off or changed"],
      by: "you",
      needs: [SENTINEL],
      rights: [right("alertRules/write")],
      recorded: true,
      look: async (ctx) => lookAtRules(await packAsPerson(ctx)),
      write: writeRules,
    },
  ];
}

/** The pack beside the workspace's rules as the person sees them. */
function packAsPerson(ctx: UserContext): Promise<RulePack> {
  return readPack({ ...ctx, azure: { ...ctx.azure, collector: ctx.asUser } });
}

function lookAtRules({ rules }: RulePack): Look {
  const due = rules.filter(hasWork);
  if (due.length === 0) return RIGHT;
  const differing = due.filter(needsOverwrite);
  const named = differing.map(
    ({ title, changes }) => `${title} (${changes.map(({ property }) => property).join(", ")})`,
  );
  const detail = [
    due.length > differing.length ? `${due.length - differing.length} are missing.` : "",
    named.length > 0 ? `Brought back to what is shipped: ${named.join("; ")}.` : "",
  ];
  const orders = due.map((rule) => ({ id: rule.id, etag: rule.etag, overwrite: needsOverwrite(rule) }));
  return { state: "missing", detail: detail.filter(Boolean).join(" "), data: { rules: orders } };
}

/** Only what was confirmed and still has something to it: a rule that was written before a kill is not asked for again. */
async function writeRules(ctx: UserContext, data: Record<string, unknown>): Promise<Written> {
  const due = (await packAsPerson(ctx)).rules.filter(hasWork);
  const ids = new Set(due.map(({ id }) => id));
  // Sentinel was off when it was confirmed, so nothing was there that could be lost.
  const missing = due.filter(({ etag }) => etag === null).map(({ id, etag }) => ({ id, etag, overwrite: false }));
  const orders = "rules" in data ? DeployRules.parse(data).rules.filter(({ id }) => ids.has(id)) : missing;
  if (orders.length === 0) return { outcome: "unchanged", detail: "" };
  const outcomes = (await deployRules(ctx, { rules: orders })).rules;
  const refused = outcomes.filter(({ outcome }) => outcome === "refused");
  const written = outcomes.filter(({ outcome }) => outcome === "created" || outcome === "updated");
  const detail = [
    `${written.length} of ${orders.length} written.`,
    ...refused.map(({ title, problem }) => `Not written: ${title}. ${problem ?? ""}`),
  ].join(" ");
  return { outcome: refused.length > 0 ? "failed" : "written", detail };
}

/** Azure takes no more per subscription. */
const SETTINGS_MAX = 5;
const ACTIVITY_ROLE = "Monitoring Contributor";

/** Each subscription's activity log, sent to the workspace beside whatever else it is sent to. */
export function activityLogSteps(ctx: UserContext, subscriptions: ReadonlyMap<string, string>): SetupStep[] {
  const { resourceId } = ctx.config.workspace;
  const workspace = nameOf(resourceId);
  return [...subscriptions].map(([id, subscription]): SetupStep => {
    const scope = `/subscriptions/${id}`;
    const where = `the subscription ${subscription}`;
    const plain = `activity-to-${workspace}`;
    return {
      id: `activity-log-${id}`,
      title: `Activity log of ${subscription}`,
      why: "Without it nobody sees when rules, logging or vaults are tampered with. Azure takes it in free of charge.",
      where,
      writes: [`a diagnostic setting that sends the category ${ACTIVITY_CATEGORY} to ${workspace}`],
      by: "you",
      needs: [],
      rights: [
        { action: "Microsoft.Insights/diagnosticSettings/write", scope, where, role: ACTIVITY_ROLE },
        {
          action: "Microsoft.OperationalInsights/workspaces/sharedKeys/action",
          scope: resourceId,
          where: `the workspace ${workspace}`,
          role: "Log Analytics Contributor",
        },
      ],
      command: activityCommand(ctx.asUser.cloud.arm, { subscription: id, name: plain, workspace: resourceId }),
      look: async (now) => lookAtActivity(await listActivitySettings(now.asUser, scope), resourceId),
      write: async (now) => {
        const settings = await listActivitySettings(now.asUser, scope);
        const { state, detail } = lookAtActivity(settings, resourceId);
        if (state === "right") return { outcome: "unchanged", detail };
        const name = freeName(plain, new Set(settings.map((one) => one.name.toLowerCase())));
        await putActivitySetting(now.asUser, scope, { name, workspaceResourceId: resourceId });
        return { outcome: "written", detail: "The first rows take up to 90 minutes." };
      },
    };
  });
}

/** What the settings of a subscription do for the workspace; none that is there is ever changed. */
export function lookAtActivity(settings: readonly ActivitySetting[], workspaceId: string): Look {
  const does = settings.some((one) => one.administrative && one.workspaceId === normaliseId(workspaceId));
  if (does) return RIGHT;
  if (settings.length < SETTINGS_MAX) return { state: "missing", detail: "No setting sends it there." };
  return {
    state: "cannot",
    detail: "The subscription has five diagnostic settings, and Azure takes no more.",
    fix: `Have the category ${ACTIVITY_CATEGORY} for this workspace added to one of them, or one of them removed.`,
  };
}

function freeName(plain: string, taken: ReadonlySet<string>): string {
  for (let number = 1; number <= SETTINGS_MAX + 1; number++) {
    const name = number === 1 ? plain : `${plain}-${number}`;
    if (!taken.has(name.toLowerCase())) return name;
  }
  throw new AppError("conflict", "The subscription has no room for a further diagnostic setting.");
}
