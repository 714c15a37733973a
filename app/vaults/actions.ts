"use server";

import { z } from "zod";
import { withUserAction } from "@/lib/auth/with-user";
import { VaultIdText } from "@/lib/azure/vault-id-schema.pure";
import { enableAuditLog } from "@/lib/coverage/audit-log";
import { refreshVault } from "@/lib/coverage/board";
import { PlantRequest } from "@/lib/deployments/plan.pure";
import { previewPlant } from "@/lib/deployments/preview";
import { startPlant } from "@/lib/deployments/start";
import { markReviewed } from "@/lib/distribution/review-tag";
import { dismissNotice } from "@/lib/notices/notices";
import { DismissNoticeRequest } from "@/lib/notices/notices.pure";

const OneVault = z.strictObject({ vaultId: VaultIdText });

export const plantAction = withUserAction({}, PlantRequest, (ctx, request) => startPlant(ctx, request));

/** Writes nothing; an action, because the name that an administrator chose may stand in no address. */
export const previewNamedAction = withUserAction({ roles: ["Platform.Admin"] }, PlantRequest, (ctx, request) =>
  previewPlant(ctx, request),
);

export const enableAuditLogAction = withUserAction({}, OneVault, (ctx, { vaultId }) => enableAuditLog(ctx, vaultId));

export const refreshVaultAction = withUserAction({}, OneVault, (ctx, { vaultId }) => refreshVault(ctx, vaultId));

export const dismissNoticeAction = withUserAction({}, DismissNoticeRequest, (ctx, { id }) => dismissNotice(ctx, id));

export const markReviewedAction = withUserAction({}, OneVault, (ctx, { vaultId }) => markReviewed(ctx, vaultId));
