import { resourceNotFound } from "../arm/errors";
import { ok } from "../arm/respond";
import { authorize, requireWorkspace, workspaceIdOf } from "../arm/scope";
import type { Call } from "../context";
import type { Router } from "../http";
import type { Workspace } from "../model";
import { SENTINEL } from "./workspace";

const READ = "Microsoft.SecurityInsights/onboardingStates/read";

/** Whether a workspace is onboarded to Microsoft Sentinel: `onboardingStates/default` is there or 404. */
export function routeOnboarding(router: Router<Call>): void {
  router.on("GET", `${SENTINEL}/onboardingStates`, (call, params) => {
    authorize(call, READ, workspaceIdOf(params));
    const workspace = requireWorkspace(call, params);
    return ok({ value: workspace.sentinel === false ? [] : [body(workspace)] });
  });

  router.on("GET", `${SENTINEL}/onboardingStates/{n}`, (call, params) => {
    authorize(call, READ, workspaceIdOf(params));
    const workspace = requireWorkspace(call, params);
    if (workspace.sentinel === false || params.n?.toLowerCase() !== "default") {
      throw resourceNotFound(`Microsoft.SecurityInsights/onboardingStates/${params.n}`, params.g ?? "");
    }
    return ok(body(workspace));
  });
}

function body(workspace: Workspace) {
  return {
    id: `${workspace.id}/providers/Microsoft.SecurityInsights/onboardingStates/default`,
    name: "default",
    type: "Microsoft.SecurityInsights/onboardingStates",
    properties: { customerManagedKey: false },
  };
}
