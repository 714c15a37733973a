"use server";

import { z } from "zod";
import { withUserAction } from "@/lib/auth/with-user";
import { sendTest } from "@/lib/notices/webhook";
import { changeSettings } from "@/lib/settings/settings";
import { SettingsChange } from "@/lib/settings/settings.pure";

export const changeSettingsAction = withUserAction({ roles: ["Platform.Admin"] }, SettingsChange, (ctx, change) =>
  changeSettings(ctx, change),
);

export const sendTestAction = withUserAction({ roles: ["Platform.Admin"] }, z.strictObject({}), (ctx) => sendTest(ctx));
