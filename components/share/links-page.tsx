"use client";
import { Button } from "@fluentui/react-components";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import Link from "next/link";
import { toFailure } from "@/components/api/api-error";
import { getJson } from "@/components/api/get-json";
import { type Action, useAction } from "@/components/api/use-action";
import { useSession } from "@/components/session/session-context";
import { LocalTime } from "@/components/ui/age";
import { EmptyState } from "@/components/ui/empty-state";
import { FailureNotice } from "@/components/ui/failure-notice";
import s from "@/components/ui/list-table.module.css";
import { Page } from "@/components/ui/page";
import { Wait } from "@/components/ui/wait";
import { LINK_DAYS, type LinkId, type ShareLink, ShareLinks } from "@/lib/distribution/share-links.pure";

export type RevokeLink = Action<LinkId, { id: string }>;

const KEY = ["share"];

/** Short links that work: whose they are, when they were last used, until when they work, and their end. */
export function LinksPage({ revoke }: { revoke: RevokeLink }) {
  const { getToken } = useSession();
  const list = useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => getJson("/api/share", (body) => ShareLinks.parse(body), getToken, signal),
  });
  const lead = `A link is an address: it opens nothing for someone without the rights. Each works for ${LINK_DAYS} days.`;
  return (
    <Page title="Shared links" lead={lead}>
      {list.isPending && <Wait>Reading the links</Wait>}
      {list.isError && <FailureNotice error={list.error} onRetry={() => list.refetch()} />}
      {list.data && list.data.links.length === 0 && (
        <EmptyState title="No short links">
          Long addresses get one when they are shared with the button at the top of each page.
        </EmptyState>
      )}
      {list.data && list.data.links.length > 0 && <Links list={list.data} revoke={revoke} />}
    </Page>
  );
}

function Links({ list, revoke }: { list: ShareLinks; revoke: RevokeLink }) {
  return (
    <div className={s.card}>
      <table className={s.table}>
        <thead>
          <tr>
            <th scope="col">Leads to</th>
            {list.everybodys && <th scope="col">Made by</th>}
            <th scope="col">Made</th>
            <th scope="col">Last used</th>
            <th scope="col">Works until</th>
            <th scope="col">Revoke</th>
          </tr>
        </thead>
        <tbody>
          {list.links.map((link) => (
            <Row key={link.id} link={link} everybodys={list.everybodys} revoke={revoke} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ link, everybodys, revoke }: { link: ShareLink; everybodys: boolean; revoke: RevokeLink }) {
  const client = useQueryClient();
  const revoking = useAction(revoke, () => client.invalidateQueries({ queryKey: KEY }));
  return (
    <tr>
      <th scope="row">
        <Link href={link.path} prefetch={false}>
          {link.path}
        </Link>
      </th>
      {everybodys && <td data-label="Made by">{link.by}</td>}
      <td data-label="Made">
        <LocalTime at={link.createdAt} />
      </td>
      <td data-label="Last used">{link.lastUsedAt ? <LocalTime at={link.lastUsedAt} /> : "Never"}</td>
      <td data-label="Works until">
        <LocalTime at={link.expiresAt} />
      </td>
      <td>
        {revoking.isError && <span role="alert">{toFailure(revoking.error).message} </span>}
        <Button
          size="small"
          disabled={revoking.isPending}
          aria-label={`Revoke the link to ${link.path}`}
          onClick={() => revoking.mutate({ id: link.id })}
        >
          {revoking.isPending ? "Revoking…" : "Revoke"}
        </Button>
      </td>
    </tr>
  );
}
