import "server-only";
import { ruleBodies } from "@/lib/detection/rule-export";
import type { PackRuleView } from "@/lib/rules/pack.pure";
import { packSeenBy } from "@/lib/rules/read";
import type { Check } from "../checks.pure";
import { check, type Found, type Looker, once, right, warning, wrong } from "./check";

const FIX = "Deploy it from the page Rules, which shows first what would change.";
const LINK = { href: "/setup/rules", text: "Open the rules" };

/** That each rule is in the workspace, on, and as it is shipped. Most have two bodies, of which one has to be on. */
export function ruleChecks(service: Looker): Promise<Check[]> {
  const pack = once(() => packSeenBy(service));
  const titles = new Map(ruleBodies().map(({ file, header }) => [file, header.title]));
  return Promise.all(
    [...titles].map(([file, title]) =>
      check(service, "rules", `rule-${file.replace(/^honeytoken-/, "")}`, `Rule: ${title}`, async () => {
        const shipped = ruleBodies().filter((one) => one.file === file);
        const shipsOn = new Map(shipped.map(({ name, properties }) => [name, properties.enabled === true]));
        const { rules } = await pack();
        return judge(rules.flatMap((rule) => bodyOf(rule, shipsOn.get(rule.id))));
      }),
    ),
  );
}

/** One body of a rule in the workspace. */
export interface Body {
  rule: PackRuleView;
  isOn: boolean;
}

function bodyOf(rule: PackRuleView, shipsOn: boolean | undefined): Body[] {
  if (shipsOn === undefined) return [];
  const turned = rule.changes.some(({ property }) => property === "enabled");
  return [{ rule, isOn: rule.state !== "missing" && shipsOn !== turned }];
}

/** What the bodies of one rule in the workspace come to. */
export function judge(bodies: readonly Body[]): Found {
  const working = bodies.find(({ rule }) => rule.state === "on");
  if (working) return blindness(working.rule) ?? right(`On and as it is shipped (${KINDS[working.rule.kind]}).`);
  const changed = bodies.find(({ isOn }) => isOn);
  if (changed) return ofChanged(changed.rule);
  if (bodies.every(({ rule }) => rule.state === "missing"))
    return wrong("It is not in the workspace.", FIX, { link: LINK });
  return wrong("It is there and switched off.", FIX, { link: LINK });
}

function ofChanged(rule: PackRuleView): Found {
  if (rule.how !== null) return wrong(`It is on, and somebody changed it: ${rule.how}.`, FIX, { link: LINK });
  const properties = rule.changes.map(({ property }) => property).join(", ");
  return warning(`It is on and loses nothing, but is not as it is shipped: ${properties}.`, FIX, { link: LINK });
}

function blindness({ unreadable }: PackRuleView): Found | undefined {
  if (!unreadable || unreadable.length === 0) return undefined;
  const tables = unreadable.map(({ table, plan }) => `${table} (${plan})`).join(", ");
  return wrong(`On and as it is shipped, but no rule can read ${tables}.`, "Set the table's plan to Analytics.");
}

const KINDS: Record<PackRuleView["kind"], string> = { NRT: "near-real-time", Scheduled: "scheduled" };
