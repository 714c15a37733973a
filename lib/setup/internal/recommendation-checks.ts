import "server-only";
import { type AssignmentAbove, listAssignmentsAbove } from "@/lib/azure/policies";
import { listPolicyStates } from "@/lib/azure/policy-insights";
import { type PolicyScope, parsePolicyScope } from "@/lib/azure/policy-scope.pure";
import { normaliseId } from "@/lib/azure/resource-id.pure";
import { policyOptions, stepsSeenBy } from "@/lib/distribution/deploy";
import type { StepName, StepView } from "@/lib/distribution/deploy.pure";
import type { PolicyOptions } from "@/lib/distribution/policies.pure";
import { readRecommendation } from "@/lib/settings/settings";
import { DEFAULT_SETTINGS } from "@/lib/settings/settings.pure";
import type { Check } from "../checks.pure";
import {
  check,
  type Found,
  type Looker,
  NONE_SEEN,
  once,
  right,
  type Subscriptions,
  unknown,
  warning,
  wrong,
} from "./check";

const LINK = { href: "/setup/recommendation", text: "Open the recommendation" };
const FIX = "Deploy it on the page Recommendation, which shows first what is missing at a scope.";
/** Azure looks by itself every 24 hours. Hours. */
const SCAN_AGE_MAX_HOURS = 48;
/** In the embedded store only the running product reads what was saved. */
const SHIPPED_NAMES =
  "Looked for by the names that the product comes with; others that were saved show on the page only. ";

/** A place with one of our two assignments, with what stands there. */
interface Deployed {
  scope: PolicyScope;
  name: string;
  steps: StepView[];
  initiative: AssignmentAbove | undefined;
}

/** The recommendation as it stands in Azure. */
interface Seen {
  inUse: boolean | undefined;
  options: PolicyOptions;
  /** Subscriptions that no assignment of the initiative covers, by name. */
  uncovered: string[];
  total: number;
  deployed: Deployed[];
}

/** That owners are told: the pair and the initiative are assigned, what was there is tagged, and Azure has looked lately. */
export function recommendationChecks(service: Looker, subscriptions: Subscriptions): Promise<Check[]> {
  const seen = once(() => look(service, subscriptions));
  const told = (id: string, title: string, judge: (seen: Seen) => Found | Promise<Found>) =>
    check(service, "recommendation", id, title, async () => {
      const all = await seen();
      const found = all.inUse === false ? notInUse(all) : await judge(all);
      return all.inUse === undefined ? { ...found, evidence: SHIPPED_NAMES + found.evidence } : found;
    });
  return Promise.all([
    told("policy", "Owners are told by Azure Policy", assigned),
    told("policy-tags", "Vaults carry the review tag", tagged),
    told("policy-scan", "Azure has looked at the vaults lately", (all) => scanned(service, all)),
  ]);
}

async function look(service: Looker, subscriptions: Subscriptions): Promise<Seen> {
  const { azure, db } = service;
  const [names, saved] = await Promise.all([subscriptions(), db && readRecommendation(db)]);
  const options = policyOptions(service, saved ?? DEFAULT_SETTINGS.recommendation);
  const lists = await Promise.all(
    [...names].map(async ([id, name]) => ({ name, above: await listAssignmentsAbove(azure.collector, id) })),
  );
  const isInitiative = (one: AssignmentAbove) => same(one.name, options.initiativeName);
  const uncovered = lists.filter(({ above }) => !above.some(isInitiative)).map(({ name }) => name);
  const ours = lists.flatMap(({ above }) =>
    above.filter((one) => isInitiative(one) || same(one.name, options.tagPolicyName)),
  );
  const scopes = new Map(ours.map((one) => [normaliseId(one.scope), one.scope]));
  const deployed = await Promise.all(
    [...scopes].map(async ([id, text]): Promise<Deployed[]> => {
      const scope = parsePolicyScope(text);
      if (!scope) return [];
      return [
        {
          scope,
          name: "subscriptionId" in scope ? (names.get(scope.subscriptionId) ?? text) : scope.managementGroup,
          steps: await stepsSeenBy(azure.collector, scope, options, service.now()),
          initiative: ours.find((one) => isInitiative(one) && normaliseId(one.scope) === id),
        },
      ];
    }),
  );
  return { inUse: saved?.inUse, options, uncovered, total: names.size, deployed: deployed.flat() };
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

function notInUse({ deployed }: Seen): Found {
  const there = deployed.map(({ name }) => name).join(", ");
  return warning(
    there === "" ? "It is not in use: owners are told nothing." : `It is not in use, and yet assigned at ${there}.`,
    "Look at its names and texts, put it to use and save, then deploy it.",
    { link: LINK },
  );
}

const DEFINED: readonly StepName[] = ["tagPolicy", "auditPolicy", "initiative", "assignInitiative", "assignTagPolicy"];
const TAGGED: readonly StepName[] = ["tagRole", "remediation"];

function assigned({ inUse, deployed, uncovered, total }: Seen): Found {
  if (total === 0) return NONE_SEEN;
  if (uncovered.length === total)
    return (inUse ? wrong : warning)("It is assigned in none of the subscriptions.", FIX, { link: LINK });
  const faults = deployed.flatMap((one) => faultsOf(one, DEFINED));
  if (faults.length > 0) return worst(faults);
  const where = deployed.map(({ name }) => name).join(", ");
  if (uncovered.length === 0) return right(`Assigned at ${where}, which covers all of ${total} subscriptions.`);
  return warning(`Assigned at ${where}, not in ${uncovered.join(", ")}.`, FIX, { link: LINK });
}

function tagged({ deployed }: Seen): Found {
  if (deployed.length === 0) return warning("The tag policy is assigned nowhere.", FIX, { link: LINK });
  const faults = deployed.flatMap((one) => faultsOf(one, TAGGED));
  if (faults.length > 0) return worst(faults);
  return right(`The tag policy's identity has its role, and nothing is left to tag: ${list(deployed)}.`);
}

function list(places: readonly Deployed[]): string {
  return places.map(({ name }) => name).join(", ");
}

interface Fault {
  unread: boolean;
  text: string;
}

/** What of these steps is not as it should be at a place; `waiting` and `running` take care of themselves. */
function faultsOf({ name, steps }: Deployed, wanted: readonly StepName[]): Fault[] {
  return steps
    .filter((step) => wanted.includes(step.name) && ["missing", "differs", "unknown"].includes(step.state))
    .map(({ name: step, state, detail }) => ({
      unread: state === "unknown",
      text: `${name}, ${WORDS[step]}: ${detail || (state === "missing" ? "missing" : "different from what is saved")}`,
    }));
}

function worst(faults: readonly Fault[]): Found {
  const evidence = `${faults
    .map(({ text }) => text.replace(/\.$/, ""))
    .slice(0, 5)
    .join("; ")}.`;
  const unread = faults.some((fault) => fault.unread);
  const fix = unread ? `Give the collector Reader on that scope, so that it can be looked at. ${FIX}` : FIX;
  return (unread ? unknown : warning)(evidence, fix, { link: LINK });
}

const WORDS: Record<StepName, string> = {
  tagPolicy: "tag policy",
  auditPolicy: "audit policy",
  initiative: "initiative",
  assignInitiative: "assignment of the initiative",
  assignTagPolicy: "assignment of the tag policy",
  tagRole: "role of the tag policy's identity",
  remediation: "tags of the vaults that were there before",
};

async function scanned({ azure, now }: Looker, { deployed }: Seen): Promise<Found> {
  const places = deployed.filter(({ initiative }) => initiative !== undefined);
  if (places.length === 0) return warning("The initiative is assigned nowhere.", FIX, { link: LINK });
  const states = await Promise.all(
    places.map(({ scope, initiative }) => listPolicyStates(azure.collector, scope, initiative?.id)),
  );
  const all = states.flat();
  const oldest = all.reduce<Date | undefined>((least, { at }) => (least && least < at ? least : at), undefined);
  if (!oldest) {
    return warning(
      `Azure has not looked at any vault yet: ${list(places)}.`,
      "After an assignment that takes up to half an hour. Ask for a scan on the page Recommendation.",
      { link: LINK },
    );
  }
  const flagged = all.filter(({ compliance }) => compliance === "NonCompliant").length;
  const counted = `${all.length} vaults looked at, ${flagged} flagged.`;
  if (now().getTime() - oldest.getTime() <= SCAN_AGE_MAX_HOURS * 3_600_000) return right(counted, oldest);
  return warning(
    `${counted} The oldest look is of ${oldest.toISOString().slice(0, 10)}.`,
    "Ask for a scan on the page Recommendation.",
    { link: LINK, at: oldest },
  );
}
