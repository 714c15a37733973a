"use server";

import { withUserAction } from "@/lib/auth/with-user";
import { changeSettings } from "@/lib/settings/settings";
import { SettingsChange } from "@/lib/settings/settings.pure";

export const changeSettingsAction = withUserAction({ roles: ["Platform.Admin"] }, SettingsChange, (ctx, change) =>
  changeSettings(ctx, change),
);
