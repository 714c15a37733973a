"use server";

import { z } from "zod";
import { withUserAction } from "@/lib/auth/with-user";
import { writeCustomRole } from "@/lib/deployments/custom-roles";
import { RolePurpose } from "@/lib/deployments/custom-roles.pure";
import { takeBackNow } from "@/lib/deployments/open-grants";

export const takeBackAction = withUserAction(
  { roles: ["Platform.Admin"] },
  z.strictObject({ id: z.uuid() }),
  takeBackNow,
);

export const writeRoleAction = withUserAction(
  { roles: ["Platform.Admin"] },
  z.strictObject({ purpose: RolePurpose }),
  writeCustomRole,
);
