"use server";

import { withUserAction } from "@/lib/auth/with-user";
import { ChangeInput } from "@/lib/incidents/change.pure";
import { StepInput } from "@/lib/incidents/containment.pure";
import { changeOwnIncident } from "@/lib/incidents/incident";
import { recordStep } from "@/lib/incidents/steps";

const STAFF = { roles: ["Soc.Analyst", "Platform.Admin"] } as const;

/** Azure, asked with the person's own token, decides whether this person may change the incident. */
export const changeIncidentAction = withUserAction(STAFF, ChangeInput, (ctx, input) => changeOwnIncident(ctx, input));

export const recordStepAction = withUserAction(STAFF, StepInput, (ctx, input) => recordStep(ctx, input));
