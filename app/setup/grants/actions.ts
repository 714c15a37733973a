"use server";

import { z } from "zod";
import { withUserAction } from "@/lib/auth/with-user";
import { takeBackNow } from "@/lib/deployments/open-grants";

export const takeBackAction = withUserAction(
  { roles: ["Platform.Admin"] },
  z.strictObject({ id: z.uuid() }),
  takeBackNow,
);
