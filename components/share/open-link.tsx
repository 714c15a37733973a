"use client";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useEffect, useRef } from "react";
import { type Action, useAction } from "@/components/api/use-action";
import { FailureNotice } from "@/components/ui/failure-notice";
import { Page } from "@/components/ui/page";
import { Wait } from "@/components/ui/wait";
import type { LinkId } from "@/lib/distribution/share-links.pure";

export type OpenLinkAction = Action<LinkId, { path: string }>;

/** Leads to the page behind a short link, which then decides what the person sees. */
export function OpenLink({ id, open }: { id: string; open: OpenLinkAction }) {
  const router = useRouter();
  const opening = useAction(open, ({ path }) => router.replace(path));
  const asked = useRef(false);
  const { mutate } = opening;
  useEffect(() => {
    // Once, also where a page is drawn twice on purpose: each opening counts as a use.
    if (asked.current) return;
    asked.current = true;
    mutate({ id });
  }, [id, mutate]);
  return (
    <Page title="Shared link">
      {opening.isError ? (
        <>
          <FailureNotice error={opening.error} onRetry={() => mutate({ id })} />
          <p>
            <Link href="/vaults">All vaults</Link>
          </p>
        </>
      ) : (
        <Wait>Opening the page</Wait>
      )}
    </Page>
  );
}
