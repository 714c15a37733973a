import "server-only";
import { PolicyScopeText, policyScopeId } from "@/lib/azure/policy-scope.pure";
import type { UserContext } from "@/lib/context";
import { deployRecommendation, missingRights, RIGHTS, readSteps } from "@/lib/distribution/deploy";
import { STEPS, type StepView } from "@/lib/distribution/deploy.pure";
import { AppError } from "@/lib/errors";
import { readRecommendation } from "@/lib/settings/settings";
import type { SetupChoice } from "../../run.pure";
import { type Look, nameOf, RIGHT, type SetupStep, type Written } from "./step";

const titleOf = (name: string) => STEPS.find((step) => step.name === name)?.title ?? name;

/** The recommendation at the place that was chosen: one step, which tells each of its parts. */
export function recommendationSteps(chosen: SetupChoice["recommendation"]): SetupStep[] {
  if (!chosen) return [];
  const scope = PolicyScopeText.parse(chosen.scope);
  const { location } = chosen;
  const where =
    "managementGroup" in scope
      ? `the management group ${scope.managementGroup}`
      : `the subscription ${nameOf(chosen.scope)}`;
  return [
    {
      id: "recommendation",
      title: "Recommendation to the owners",
      why: "Azure Policy flags vaults until somebody has reviewed them, and Defender for Cloud tells their owners.",
      where,
      writes: STEPS.map(({ title }) => title),
      by: "you",
      needs: [],
      rights: RIGHTS.map(({ action, role }) => ({ action, role, scope: policyScopeId(scope), where })),
      recorded: true,
      look: async (ctx) => lookAtParts(ctx, await readSteps(ctx, scope), await missingRights(ctx, scope)),
      write: async (ctx): Promise<Written> => {
        const { steps } = await deployRecommendation(ctx, { scope, location });
        const failed = steps.filter(({ outcome }) => outcome === "failed");
        const written = steps.filter(({ outcome }) => outcome === "written");
        const detail = [
          written.length > 0 ? `Written: ${written.map(({ name }) => titleOf(name)).join("; ")}.` : "",
          ...failed.map(({ name, detail: why }) => `Not written: ${titleOf(name)}. ${why}`),
        ];
        const outcome = failed.length > 0 ? "failed" : written.length > 0 ? "written" : "unchanged";
        return { outcome, detail: detail.filter(Boolean).join(" ") };
      },
    },
  ];
}

async function lookAtParts(ctx: UserContext, parts: readonly StepView[], lacks: readonly string[]): Promise<Look> {
  const due = parts.filter(({ state }) => state === "missing" || state === "differs");
  const unknown = parts.find(({ state }) => state === "unknown");
  if (lacks.length > 0 && (unknown || due.length > 0)) {
    return { state: "cannot", detail: "You may not deploy it there.", fix: lacks.join(" ") };
  }
  if (unknown) throw new AppError("unavailable", unknown.detail);
  if (due.length === 0) return RIGHT;
  if (!(await readRecommendation(ctx.db)).inUse) {
    const fix = "Look at its names and texts on the page Recommendation, put it to use and save.";
    return { state: "cannot", detail: "It is not in use yet.", fix };
  }
  const detail = `To be written: ${due.map(({ name }) => titleOf(name)).join("; ")}.`;
  return { state: "missing", detail, data: { parts: due.map(({ name }) => name) } };
}
