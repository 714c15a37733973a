import "server-only";
import { randomBytes } from "node:crypto";
import { type Selectable, sql } from "kysely";
import type { UserContext } from "@/lib/context";
import { AppError } from "@/lib/errors";
import { writeAudit } from "@/lib/store/audit";
import type { ShareLinkTable } from "@/lib/store/schema";
import {
  LINK_DAYS,
  type LinkId,
  type Shared,
  type ShareLink,
  type ShareLinks,
  type ShareRequest,
} from "./share-links.pure";

/*
 * A short link is an address and nothing more: it leads to a page that asks for a sign-in and shows what the person may see.
 */

const DAY_MS = 24 * 60 * 60_000;
const LINKS_PER_PERSON_MAX = 500;

const GONE = "This link has expired, was revoked, or never was.";
const ASK_AGAIN = "Ask whoever sent it for a new one.";

/**
 * Whether a page as it is filtered now may be shared, and a short id for it where one is wanted. The same page shared again
 * by the same person keeps its id.
 *
 * @throws AppError `invalid` (`path`) when it holds the name of a honeytoken, `conflict` when the person has too many
 */
export async function shareView(ctx: UserContext, { path, short }: ShareRequest): Promise<Shared> {
  await refuseDecoyNames(ctx, path);
  return short ? shortLink(ctx, path) : { id: null };
}

async function shortLink({ db, user, now }: UserContext, path: string): Promise<{ id: string }> {
  const at = now();
  const expires = new Date(at.getTime() + LINK_DAYS * DAY_MS);
  return db.transaction().execute(async (transaction) => {
    const own = transaction.selectFrom("share_link").where("created_by_oid", "=", user.oid);
    const live = own.where("revoked_at", "is", null).where("expires_at", ">", at);
    const same = await live.select("id").where("path", "=", path).executeTakeFirst();
    if (same) {
      await transaction.updateTable("share_link").set({ expires_at: expires }).where("id", "=", same.id).execute();
      return same;
    }
    const { count } = await live.select(sql<string>`count(*)`.as("count")).executeTakeFirstOrThrow();
    if (Number(count) >= LINKS_PER_PERSON_MAX) {
      throw new AppError("conflict", `You have ${count} links that still work.`, { fix: "Revoke some of them first." });
    }
    const id = randomBytes(9).toString("base64url");
    await transaction
      .insertInto("share_link")
      .values({ id, path, created_by_oid: user.oid, created_by_name: user.name, created_at: at, expires_at: expires })
      .execute();
    await writeAudit(transaction, { by: user, action: "link.create", after: { id, path }, result: "ok" }, at);
    return { id };
  });
}

/** Where a short link leads, and that it was used. Throws AppError `not_found` when it works no more. */
export async function openLink({ db, now }: UserContext, { id }: LinkId): Promise<{ path: string }> {
  const at = now();
  const link = await db
    .updateTable("share_link")
    .set((eb) => ({ last_used_at: at, uses: eb("uses", "+", 1) }))
    .where("id", "=", id)
    .where("revoked_at", "is", null)
    .where("expires_at", ">", at)
    .returning("path")
    .executeTakeFirst();
  if (!link) throw new AppError("not_found", GONE, { fix: ASK_AGAIN });
  return link;
}

/** The links that work, newest first: the person's own, or everybody's for an administrator. */
export async function listLinks({ db, user, now }: UserContext): Promise<ShareLinks> {
  const everybodys = user.roles.includes("Platform.Admin");
  const rows = await db
    .selectFrom("share_link")
    .selectAll()
    .where("revoked_at", "is", null)
    .where("expires_at", ">", now())
    .$if(!everybodys, (query) => query.where("created_by_oid", "=", user.oid))
    .orderBy("created_at", "desc")
    .orderBy("id")
    .execute();
  return { links: rows.map(viewOf), everybodys };
}

/** Ends a link at once. Throws AppError `not_found` when it is not the person's to end, or has ended. */
export async function revokeLink({ db, user, now }: UserContext, { id }: LinkId): Promise<{ id: string }> {
  const at = now();
  return db.transaction().execute(async (transaction) => {
    const row = await transaction
      .updateTable("share_link")
      .set({ revoked_at: at })
      .where("id", "=", id)
      .where("revoked_at", "is", null)
      .$if(!user.roles.includes("Platform.Admin"), (query) => query.where("created_by_oid", "=", user.oid))
      .returning("path")
      .executeTakeFirst();
    if (!row) throw new AppError("not_found", GONE);
    const before = { id, path: row.path };
    await writeAudit(transaction, { by: user, action: "link.revoke", before, result: "ok" }, at);
    return { id };
  });
}

/**
 * An address travels through mail and chat, where the name of a honeytoken has no place. Owners are not asked: they know no
 * name, and what is refused here would tell them one.
 */
async function refuseDecoyNames({ db, user }: UserContext, path: string): Promise<void> {
  if (!user.roles.some((role) => role === "Soc.Analyst" || role === "Platform.Admin")) return;
  const text = decoded(path).toLowerCase();
  const named = await db
    .selectFrom("decoy")
    .select("id")
    .where(sql<boolean>`position(lower(name) in ${text}) > 0`)
    .limit(1)
    .executeTakeFirst();
  if (!named) return;
  throw new AppError("invalid", "This address holds a name that is not to leave the product.", {
    field: "path",
    fix: "Clear the search, then share the page.",
  });
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path.replaceAll("+", " "));
  } catch {
    return path;
  }
}

function viewOf(row: Selectable<ShareLinkTable>): ShareLink {
  return {
    id: row.id,
    path: row.path,
    by: row.created_by_name,
    createdAt: row.created_at.toISOString(),
    lastUsedAt: row.last_used_at?.toISOString() ?? null,
    uses: row.uses,
    expiresAt: row.expires_at.toISOString(),
  };
}
