import "server-only";
import { subscriptionNames } from "@/lib/azure/subscriptions";
import type { UserContext } from "@/lib/context";
import { AREAS, type Check, type ChecksView } from "./checks.pure";
import { type Looker, once } from "./internal/check";
import { defenderChecks } from "./internal/defender-checks";
import { identityChecks } from "./internal/identity-checks";
import { personChecks } from "./internal/person-checks";
import { consentCheck, newestIncident, type Portal, portalChecks } from "./internal/portal-checks";
import { recommendationChecks } from "./internal/recommendation-checks";
import { ruleChecks } from "./internal/rule-checks";
import { workspaceChecks } from "./internal/workspace-checks";

/**
 * Every prerequisite as it is now, asked with the product's own identities; nothing is changed. A check that cannot be made
 * says why and leaves the others alone.
 */
export function runChecks(service: Looker): Promise<Check[]> {
  return ownChecks(
    service,
    once(() => newestIncident(service)),
  );
}

async function ownChecks(service: Looker, portal: Portal): Promise<Check[]> {
  const subscriptions = once(() => subscriptionNames(service.azure.collector));
  const groups = await Promise.all([
    identityChecks(service, subscriptions),
    workspaceChecks(service),
    portalChecks(service, portal),
    ruleChecks(service),
    recommendationChecks(service, subscriptions),
    defenderChecks(service, subscriptions),
  ]);
  return groups.flat().toSorted((a, b) => AREAS.indexOf(a.area) - AREAS.indexOf(b.area));
}

/** The same for the page, with what only a person's own token shows. */
export async function readChecks(ctx: UserContext): Promise<ChecksView> {
  const portal = once(() => newestIncident(ctx));
  const [person, graph, others] = await Promise.all([
    personChecks(ctx),
    consentCheck(ctx, portal),
    ownChecks(ctx, portal),
  ]);
  return { checks: [...person, graph, ...others], checkedAt: ctx.now().toISOString() };
}
