import "server-only";
import { createHash } from "node:crypto";
import pLimit from "p-limit";
import { type AlertRule, listAlertRules, putAlertRule } from "@/lib/azure/rules";
import type { UserContext } from "@/lib/context";
import { forgetKnown } from "@/lib/coverage/board";
import { ruleParameters } from "@/lib/detection/parameters";
import { type PackRule, ruleBodies } from "@/lib/detection/rule-export";
import { AppError, needsPerson } from "@/lib/errors";
import { writeAudit } from "@/lib/store/audit";
import type { Deployed, DeployRules, PackRuleView } from "./pack.pure";
import { present, viewOf } from "./read";

type Order = DeployRules["rules"][number];
type Outcome = Deployed["rules"][number];

/** The service runs each query before it takes a rule, which is slow; more at once would not be faster. */
const AT_ONCE = 3;

/**
 * Writes the ordered rules as they are shipped, with the person's own token, and records each. A rule that was changed
 * since the preview, or that differs without a tick, stays as it is and is told apart from those that were written.
 *
 * @throws AppError when the workspace's rules cannot be listed, or the order names a rule that is not of the pack
 */
export async function deployRules(ctx: UserContext, { rules: orders }: DeployRules): Promise<Deployed> {
  const parameters = ruleParameters(ctx.config);
  const pack = new Map(ruleBodies(parameters).map((rule) => [rule.name.toLowerCase(), rule]));
  const wanted = orders.map((order) => ({ order, rule: required(pack.get(order.id.toLowerCase())) }));
  const listed = await listAlertRules(ctx.asUser, ctx.config.workspace.resourceId);
  const limit = pLimit(AT_ONCE);
  const outcomes = wanted.map(({ order, rule }) =>
    limit(() => {
      const there = present(listed, rule);
      return deployOne(ctx, order, rule, { there, view: viewOf(rule, there, { parameters, plans: undefined }) });
    }),
  );
  try {
    return { rules: await Promise.all(outcomes) };
  } finally {
    // Coverage turns with the next read, whatever was written.
    forgetKnown(ctx);
  }
}

function required(rule: PackRule | undefined): PackRule {
  if (rule) return rule;
  throw new AppError("invalid", "This is not the id of a rule of this product.", { field: "rules" });
}

interface Standing {
  there: AlertRule | undefined;
  view: PackRuleView;
}

async function deployOne(ctx: UserContext, order: Order, rule: PackRule, standing: Standing): Promise<Outcome> {
  const base = { id: rule.name, title: standing.view.title };
  const { there, view } = standing;
  if (order.etag !== view.etag) return refused(base, "It was changed since this page was read. Look at it again.");
  if (there && there.kind !== rule.kind) {
    return refused(
      base,
      `It is of kind ${there.kind}, which cannot change. Delete it in Sentinel, then deploy it anew.`,
    );
  }
  if (there && view.changes.length === 0) return { ...base, outcome: "unchanged", problem: null };
  if (there && !order.overwrite) return refused(base, "It differs from what is shipped. Tick it to have it replaced.");
  const { name, kind, properties } = rule;
  try {
    const etag = there && there.etag !== "" ? { etag: there.etag } : {};
    await putAlertRule(ctx.asUser, ctx.config.workspace.resourceId, { name, kind, properties, ...etag });
  } catch (error) {
    if (!(error instanceof AppError) || needsPerson(error)) throw error;
    await record(ctx, rule, standing, error.failure.message);
    const { message, fix } = error.failure;
    return refused(base, fix === undefined ? message : `${message} ${fix}`);
  }
  await record(ctx, rule, standing, "ok");
  return { ...base, outcome: there ? "updated" : "created", problem: null };
}

function refused(base: Pick<Outcome, "id" | "title">, problem: string): Outcome {
  return { ...base, outcome: "refused", problem };
}

async function record(ctx: UserContext, rule: PackRule, { there, view }: Standing, result: string): Promise<void> {
  const about = { rule: rule.name, title: view.title };
  const before = there
    ? { ...about, etag: there.etag, ...short(view, "before"), ...(there.query && { query: digestOf(there.query) }) }
    : {};
  const after = { ...about, ...short(view, "after"), query: digestOf(String(rule.properties.query)) };
  await writeAudit(ctx.db, { by: ctx.user, action: "rule.deploy", before, after, result }, ctx.now());
}

/** What changes, without the query's text, which is told by its hash. */
function short({ changes }: PackRuleView, side: "before" | "after"): Record<string, unknown> {
  return Object.fromEntries(
    changes.filter(({ property }) => property !== "query").map((change) => [change.property, change[side]]),
  );
}

function digestOf(query: string): string {
  return `sha256 ${createHash("sha256").update(query).digest("hex")}`;
}
