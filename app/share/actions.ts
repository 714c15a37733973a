"use server";

import { withUserAction } from "@/lib/auth/with-user";
import { openLink, revokeLink, shareView } from "@/lib/distribution/share-links";
import { LinkId, ShareRequest } from "@/lib/distribution/share-links.pure";

export const shareAction = withUserAction({}, ShareRequest, (ctx, request) => shareView(ctx, request));

/** Opening a link is written down, so it is no read. */
export const openLinkAction = withUserAction({}, LinkId, (ctx, link) => openLink(ctx, link));

export const revokeLinkAction = withUserAction({}, LinkId, (ctx, link) => revokeLink(ctx, link));
