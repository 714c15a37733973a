import { z } from "zod";
import { recordActivity } from "../arm/activity";
import { badRequest, resourceNotFound } from "../arm/errors";
import { ok, readBody } from "../arm/respond";
import { authorize, requireWorkspace, workspaceIdOf } from "../arm/scope";
import type { Call } from "../context";
import type { Router } from "../http";
import type { Workspace } from "../model";
import { SENTINEL } from "./workspace";

const Body = z.object({ properties: z.object({ customerManagedKey: z.boolean().nullish() }).nullish() });

const WRITE = "Microsoft.SecurityInsights/onboardingStates/write";
const READ = "Microsoft.SecurityInsights/onboardingStates/read";

/** Whether a workspace is onboarded to Microsoft Sentinel: `onboardingStates/default` is there or 404; writing it onboards. */
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

  router.on("PUT", `${SENTINEL}/onboardingStates/{n}`, (call, params) => {
    const scope = workspaceIdOf(params);
    authorize(call, WRITE, scope);
    const workspace = requireWorkspace(call, params);
    if (params.n?.toLowerCase() !== "default") throw badRequest("The only onboarding state is 'default'.");
    readBody(call, Body);
    if (workspace.sentinel !== false) return ok(body(workspace));
    const { sentinel: _, ...onboarded } = workspace;
    call.model.workspaces.put(workspace.id, onboarded);
    const id = `${workspace.id}/providers/Microsoft.SecurityInsights/onboardingStates/default`;
    recordActivity(call, { action: WRITE, scope: id, status: 201 });
    return { status: 201, body: body(onboarded) };
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
