import { badRequest } from "../arm/errors";
import { ok, page, parameter } from "../arm/respond";
import { authorize } from "../arm/scope";
import type { Call, Context } from "../context";
import { AzureError, type Router } from "../http";
import type { Assessment } from "./assessment";
import { assessmentsAt } from "./evaluate";
import { CONTROLS, type ScoreControl } from "./metadata";

const ROOT = "/subscriptions/{s}/providers/Microsoft.Security";
const READ = "Microsoft.Security/secureScores/read";
const READ_CONTROLS = "Microsoft.Security/secureScoreControls/read";
const READ_DEFINITIONS = "Microsoft.Security/secureScoreControlDefinitions/read";

/** The only score that Azure has by itself. */
const SCORE = "ascScore";

/** Secure scores with their controls, and the definitions of the controls. */
export function routeSecureScores(router: Router<Call>): void {
  router.on("GET", `${ROOT}/secureScores`, (call, params) => {
    authorize(call, READ, `/subscriptions/${params.s}`);
    return ok({ value: [scoreOf(call, params.s ?? "")] });
  });

  router.on("GET", `${ROOT}/secureScores/{n}`, (call, params) => {
    authorize(call, READ, `/subscriptions/${params.s}`);
    requireScore(params.n ?? "");
    return ok(scoreOf(call, params.s ?? ""));
  });

  for (const path of [`${ROOT}/secureScores/{n}/secureScoreControls`, `${ROOT}/secureScoreControls`]) {
    router.on("GET", path, (call, params) => {
      authorize(call, READ_CONTROLS, `/subscriptions/${params.s}`);
      if (params.n !== undefined) requireScore(params.n);
      const expand = parameter(call, "$expand");
      if (expand !== undefined && expand.toLowerCase() !== "definition") {
        throw badRequest(`The expand '${expand}' is not supported.`, "InvalidExpand");
      }
      const controls = scoreControls(call, params.s ?? "").map(({ control, body }) =>
        expand === undefined
          ? body
          : { ...body, properties: { ...body.properties, definition: definitionBody("", control) } },
      );
      return ok(page(call, controls, ({ id }) => id, 100));
    });
  }

  // Definitions are no secret: everybody who has signed in may read them.
  router.on("GET", "/providers/Microsoft.Security/secureScoreControlDefinitions", () =>
    ok({ value: CONTROLS.map((control) => definitionBody("", control)) }),
  );

  router.on("GET", `${ROOT}/secureScoreControlDefinitions`, (call, params) => {
    const scope = `/subscriptions/${params.s}`;
    authorize(call, READ_DEFINITIONS, scope);
    return ok({ value: CONTROLS.map((control) => definitionBody(scope, control)) });
  });
}

function scoreOf(call: Call, subscriptionId: string) {
  return secureScore(scoreControls(call, subscriptionId), subscriptionId);
}

function requireScore(name: string): void {
  if (name.toLowerCase() !== SCORE.toLowerCase()) {
    throw new AzureError(404, "NotFound", `The secure score '${name}' was not found.`);
  }
}

function definitionBody(scope: string, control: ScoreControl) {
  return {
    id: `${scope}/providers/Microsoft.Security/secureScoreControlDefinitions/${control.name}`,
    name: control.name,
    type: "Microsoft.Security/secureScoreControlDefinitions",
    properties: {
      source: { sourceType: "BuiltIn" },
      displayName: control.displayName,
      description: `Recommendations that belong to: ${control.displayName}`,
      maxScore: control.maxScore,
      assessmentDefinitions: control.assessments.map((name) => ({
        id: `/providers/Microsoft.Security/assessmentMetadata/${name}`,
      })),
    },
  };
}

/**
 * The controls of a subscription. A control earns the share of its worth that its healthy resources are of all that were
 * assessed; a resource is healthy when none of the control's recommendations stands against it.
 */
export function scoreControls(context: Context, subscriptionId: string) {
  const assessments = assessmentsAt(context, `/subscriptions/${subscriptionId}`);
  const counted = countResources(assessments);
  return CONTROLS.map((control) => {
    const counts = counted(control);
    const assessed = counts.healthy + counts.unhealthy;
    const max = assessed === 0 ? 0 : control.maxScore;
    const current = assessed === 0 ? 0 : round((max * counts.healthy) / assessed, 2);
    const body = {
      id: `/subscriptions/${subscriptionId}/providers/Microsoft.Security/secureScores/${SCORE}/secureScoreControls/${control.name}`,
      name: control.name,
      type: "Microsoft.Security/secureScores/secureScoreControls",
      properties: {
        displayName: control.displayName,
        healthyResourceCount: counts.healthy,
        unhealthyResourceCount: counts.unhealthy,
        notApplicableResourceCount: counts.notApplicable,
        score: { max, current, percentage: max === 0 ? 0 : round(current / max, 4) },
        weight: assessed,
      },
    };
    return { control, body };
  });
}

/** Resources of a control by the worst that is said of them. */
function countResources(assessments: readonly Assessment[]) {
  const byName = new Map<string, Assessment[]>();
  for (const assessment of assessments) {
    const group = byName.get(assessment.name);
    if (group) group.push(assessment);
    else byName.set(assessment.name, [assessment]);
  }
  return (control: ScoreControl) => countControl(control.assessments.flatMap((name) => byName.get(name) ?? []));
}

function countControl(assessments: readonly Assessment[]) {
  const worst = new Map<string, Assessment["code"]>();
  for (const { resourceId, code } of assessments) {
    const key = resourceId.toLowerCase();
    const known = worst.get(key);
    if (known !== "Unhealthy" && (code === "Unhealthy" || known !== "Healthy")) worst.set(key, code);
  }
  const count = (code: Assessment["code"]) => [...worst.values()].filter((one) => one === code).length;
  return { healthy: count("Healthy"), unhealthy: count("Unhealthy"), notApplicable: count("NotApplicable") };
}

/** The score of a subscription: what its controls earn of what they could. */
export function secureScore(controlsOfIt: ReturnType<typeof scoreControls>, subscriptionId: string) {
  const controls = controlsOfIt.map(({ body }) => body.properties);
  const max = controls.reduce((sum, { score }) => sum + score.max, 0);
  const current = round(
    controls.reduce((sum, { score }) => sum + score.current, 0),
    2,
  );
  return {
    id: `/subscriptions/${subscriptionId}/providers/Microsoft.Security/secureScores/${SCORE}`,
    name: SCORE,
    type: "Microsoft.Security/secureScores",
    properties: {
      displayName: "ASC score",
      score: { max, current, percentage: max === 0 ? 0 : round(current / max, 4) },
      weight: controls.reduce((sum, { weight }) => sum + weight, 0),
    },
  };
}

function round(value: number, digits: number): number {
  const factor = 10 ** digits;
  return Math.round(value * factor) / factor;
}
