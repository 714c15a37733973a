"use server";

import { withUserAction } from "@/lib/auth/with-user";
import { addException, endException } from "@/lib/exceptions/exceptions";
import { EndExceptionRequest, ExceptionRequest } from "@/lib/exceptions/exceptions.pure";

export const addExceptionAction = withUserAction({ roles: ["Platform.Admin"] }, ExceptionRequest, (ctx, request) =>
  addException(ctx, request),
);

export const endExceptionAction = withUserAction({ roles: ["Platform.Admin"] }, EndExceptionRequest, (ctx, { id }) =>
  endException(ctx, id),
);
