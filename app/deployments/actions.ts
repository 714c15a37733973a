"use server";

import { z } from "zod";
import { withUserAction } from "@/lib/auth/with-user";
import {
  approveDeployment,
  cancelDeployment,
  discardDeployment,
  pauseDeployment,
  refuseDeployment,
  resumeDeployment,
  retryDeployment,
  startDeployment,
} from "@/lib/deployments/control";
import { Confirmation, FleetRequest } from "@/lib/deployments/fleet.pure";
import { recordPlan } from "@/lib/deployments/plan";
import { stopSchedule } from "@/lib/deployments/renew";

const OneDeployment = z.strictObject({ id: z.uuid() });
const ADMINISTRATORS = { roles: ["Platform.Admin"] } as const;

/** Writes nothing but the plan itself; Azure, asked with the person's own token, decides what it may cover. */
export const planAction = withUserAction({}, FleetRequest, (ctx, request) => recordPlan(ctx, request));

export const startAction = withUserAction({}, Confirmation, (ctx, input) => startDeployment(ctx, input));

export const approveAction = withUserAction(ADMINISTRATORS, OneDeployment, (ctx, input) =>
  approveDeployment(ctx, input),
);

export const refuseAction = withUserAction(ADMINISTRATORS, OneDeployment, (ctx, input) => refuseDeployment(ctx, input));

export const pauseAction = withUserAction({}, OneDeployment, (ctx, input) => pauseDeployment(ctx, input));

export const resumeAction = withUserAction({}, OneDeployment, (ctx, input) => resumeDeployment(ctx, input));

export const cancelAction = withUserAction({}, OneDeployment, (ctx, input) => cancelDeployment(ctx, input));

export const retryAction = withUserAction({}, Confirmation, (ctx, input) => retryDeployment(ctx, input));

export const discardAction = withUserAction({}, OneDeployment, (ctx, input) => discardDeployment(ctx, input));

export const stopScheduleAction = withUserAction({}, OneDeployment, (ctx, input) => stopSchedule(ctx, input));
