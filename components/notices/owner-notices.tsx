"use client";
import { Button } from "@fluentui/react-components";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import Link from "next/link";
import { useState } from "react";
import { getJson } from "@/components/api/get-json";
import { every } from "@/components/api/polling";
import { type Action, useAction } from "@/components/api/use-action";
import { ADMINISTRATOR } from "@/components/session/roles";
import { useSession } from "@/components/session/session-context";
import { LocalTime } from "@/components/ui/age";
import { FailureNotice } from "@/components/ui/failure-notice";
import { Notice } from "@/components/ui/notice";
import { NoticeList, type Notice as NoticeOf } from "@/lib/notices/notices.pure";
import s from "./owner-notices.module.css";

interface OwnerNoticesProps {
  dismiss: Action<{ id: string }, { dismissed: string }>;
}

const KEY = ["notices"];
const STANDING_MS = 60_000;
const SHOWN_AT_ONCE = 3;

/** What happened to the person's own vaults. Nothing while there is nothing to tell, or before it is known. */
export function OwnerNotices({ dismiss }: OwnerNoticesProps) {
  const { getToken, roles } = useSession();
  const client = useQueryClient();
  const [all, setAll] = useState(false);
  const list = useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => getJson("/api/notices", (body) => NoticeList.parse(body), getToken, signal),
    refetchInterval: every(STANDING_MS),
  });
  const dismissing = useAction(dismiss, () => client.invalidateQueries({ queryKey: KEY }));
  const notices = list.data?.notices ?? [];
  if (notices.length === 0) return null;
  // Whoever may write everywhere owns hardly any of them.
  const vault = roles.includes(ADMINISTRATOR) ? "A vault" : "A vault of yours";
  const shown = all ? notices : notices.slice(0, SHOWN_AT_ONCE);
  return (
    <section className={s.notices} aria-label="What happened to your vaults">
      {dismissing.error && <FailureNotice error={dismissing.error} />}
      {shown.map((notice) => (
        <Notice
          key={notice.id}
          intent={notice.kind === "touched" ? "info" : "warning"}
          title={`${vault} ${notice.kind === "touched" ? "was touched" : "is no longer protected"}`}
          actions={
            <Button
              size="small"
              disabled={dismissing.isPending}
              aria-label={`Dismiss the notice of ${notice.vault.name}`}
              onClick={() => dismissing.mutate({ id: notice.id })}
            >
              Dismiss
            </Button>
          }
        >
          <Words notice={notice} />
        </Notice>
      ))}
      {notices.length > shown.length && (
        <div>
          <Button appearance="subtle" onClick={() => setAll(true)}>
            Show {notices.length - shown.length} more
          </Button>
        </div>
      )}
    </section>
  );
}

function Words({ notice: { kind, vault, at } }: { notice: NoticeOf }) {
  const link = (
    <Link href={vault.path} prefetch={false}>
      {vault.name}
    </Link>
  );
  if (kind === "touched") {
    return (
      <p>
        What is kept in {link} was touched by somebody who had no reason to, <LocalTime at={at} />. The security team
        has been told; change nothing in the vault before you have spoken with them.
      </p>
    );
  }
  return (
    <p>
      {link} was protected until <LocalTime at={at} />. Its page says what is missing now, and what you can do.
    </p>
  );
}
