import { z } from "zod";

/** Longest address that is shared as it is; longer ones get a short id. Characters: what mail programs leave in one piece. */
export const PLAIN_LENGTH_MAX = 200;
const PATH_LENGTH_MAX = 8_000;
/** How long a short link works. */
export const LINK_DAYS = 90;

const PLACES = ["vaults", "deployments", "incidents", "outcomes", "audit", "setup"];

/** Path and query of one of the product's own pages; undefined for anything else, a foreign address above all. */
export function shareablePath(text: string): string | undefined {
  if (text.length > PATH_LENGTH_MAX || !text.startsWith("/") || text.startsWith("//") || text.includes("\\"))
    return undefined;
  const base = "https://product.invalid";
  const url = URL.parse(text, base);
  if (url?.origin !== base || !PLACES.includes(url.pathname.split("/")[1] ?? "")) return undefined;
  return `${url.pathname}${url.search}`;
}

export const ShareRequest = z.strictObject({
  path: z.string().transform((text, context) => {
    const path = shareablePath(text);
    if (path !== undefined) return path;
    context.addIssue({ code: "custom", message: "Only pages of this product are shared." });
    return z.NEVER;
  }),
  /** Whether it gets a short id; otherwise it is only looked through for what is not to leave the product. */
  short: z.boolean(),
});
export type ShareRequest = z.infer<typeof ShareRequest>;

/** The short id, for who asked for one. */
export interface Shared {
  id: string | null;
}

export const LinkId = z.strictObject({ id: z.string().regex(/^[A-Za-z0-9_-]{12}$/, "is not the id of a link") });
export type LinkId = z.infer<typeof LinkId>;

export const ShareLink = z.object({
  id: z.string(),
  path: z.string(),
  by: z.string(),
  createdAt: z.iso.datetime(),
  /** Null = nobody has opened it. */
  lastUsedAt: z.iso.datetime().nullable(),
  uses: z.int(),
  expiresAt: z.iso.datetime(),
});
export type ShareLink = z.infer<typeof ShareLink>;

/** GET /api/share: of everybody for an administrator, else the person's own. */
export const ShareLinks = z.object({ links: z.array(ShareLink), everybodys: z.boolean() });
export type ShareLinks = z.infer<typeof ShareLinks>;
