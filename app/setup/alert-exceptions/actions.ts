"use server";

import { withUserAction } from "@/lib/auth/with-user";
import { addAlertException, endAlertException, renewAlertException } from "@/lib/detection/alert-exceptions";
import {
  AlertExceptionRequest,
  DismissRequest,
  EndAlertExceptionRequest,
  ForeignExceptionRequest,
  RenewRequest,
} from "@/lib/detection/alert-exceptions.pure";
import { dismissProposal } from "@/lib/detection/proposals";
import { removeForeignException, takeOverException } from "@/lib/register/foreign-exceptions";

export const addAlertExceptionAction = withUserAction(
  { roles: ["Platform.Admin"] },
  AlertExceptionRequest,
  (ctx, request) => addAlertException(ctx, request),
);

export const renewAlertExceptionAction = withUserAction({ roles: ["Platform.Admin"] }, RenewRequest, (ctx, request) =>
  renewAlertException(ctx, request),
);

export const endAlertExceptionAction = withUserAction(
  { roles: ["Platform.Admin"] },
  EndAlertExceptionRequest,
  (ctx, { id }) => endAlertException(ctx, id),
);

export const dismissProposalAction = withUserAction(
  { roles: ["Platform.Admin"] },
  DismissRequest,
  (ctx, { callerOid }) => dismissProposal(ctx, callerOid),
);

export const takeOverExceptionAction = withUserAction(
  { roles: ["Platform.Admin"] },
  ForeignExceptionRequest,
  (ctx, { itemId }) => takeOverException(ctx, itemId),
);

export const removeForeignExceptionAction = withUserAction(
  { roles: ["Platform.Admin"] },
  ForeignExceptionRequest,
  (ctx, { itemId }) => removeForeignException(ctx, itemId),
);
