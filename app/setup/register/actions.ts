"use server";

import { z } from "zod";
import { withUserAction } from "@/lib/auth/with-user";
import { importPublished } from "@/lib/register/import";
import { leaveFinding, requestComparison, requestRepair } from "@/lib/register/repair";
import { LeaveRequest, RepairRequest } from "@/lib/register/views.pure";

const Nothing = z.strictObject({});
const ADMIN = { roles: ["Platform.Admin"] } as const;

export const compareAction = withUserAction({ roles: ["Soc.Analyst", "Platform.Admin"] }, Nothing, (ctx) =>
  requestComparison(ctx),
);

export const repairAction = withUserAction(ADMIN, RepairRequest, (ctx, request) => requestRepair(ctx, request));

export const leaveAction = withUserAction(ADMIN, LeaveRequest, (ctx, request) => leaveFinding(ctx, request));

export const importAction = withUserAction(ADMIN, Nothing, (ctx) => importPublished(ctx));
