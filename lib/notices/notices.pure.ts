import { z } from "zod";

/** One thing that the owners of a vault are told. It names no honeytoken. */
export const Notice = z.object({
  id: z.string(),
  kind: z.enum(["turned_red", "touched"]),
  vault: z.object({ name: z.string(), path: z.string() }),
  at: z.string(),
});
export type Notice = z.infer<typeof Notice>;

/** GET /api/notices: newest first. */
export const NoticeList = z.object({ notices: z.array(Notice) });
export type NoticeList = z.infer<typeof NoticeList>;

export const DismissNoticeRequest = z.strictObject({ id: z.uuid() });
