"use client";
import { Button } from "@fluentui/react-components";
import Link from "next/link";
import { useState } from "react";
import { bothTimes, LocalTime, useNow } from "@/components/ui/age";
import s from "@/components/ui/list-table.module.css";
import { Badge } from "@/components/ui/state-badge";
import { parseVaultId, vaultPath } from "@/lib/azure/resource-id.pure";
import type { PastException } from "@/lib/exceptions/exceptions.pure";
import { EndExceptionButton } from "./end-exception";
import { KIND_LOOK, lastDayOf, scopeWords, timeLeft } from "./exception-words";
import own from "./exceptions.module.css";
import type { EndException } from "./use-exceptions";

/** One that holds has not ended yet. */
export type Entry = Omit<PastException, "endedAt"> & { endedAt: string | null };

const SHOWN_AT_ONCE = 200;

interface ExceptionTableProps {
  entries: readonly Entry[];
  /** What a subscription is called, by its id. */
  subscriptionName: (id: string) => string;
  /** Left out for those who may only read. */
  end?: EndException;
}

/** Exceptions with where, why, by whom and until when. */
export function ExceptionTable({ entries, subscriptionName, end }: ExceptionTableProps) {
  const [limit, setLimit] = useState(SHOWN_AT_ONCE);
  return (
    <div className={s.card}>
      <table className={`${s.table} ${own.table}`}>
        <thead>
          <tr>
            <th scope="col">Where</th>
            <th scope="col">What</th>
            <th scope="col">Why</th>
            <th scope="col">Added by</th>
            <th scope="col">Until</th>
            {end && (
              <th scope="col">
                <span className={own.hidden}>End it</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {entries.slice(0, limit).map((entry) => (
            <Row key={entry.id} entry={entry} subscriptionName={subscriptionName} {...(end && { end })} />
          ))}
        </tbody>
      </table>
      {entries.length > limit && (
        <div className={s.more}>
          <Button onClick={() => setLimit(limit + SHOWN_AT_ONCE)}>Show more ({entries.length - limit} are left)</Button>
        </div>
      )}
    </div>
  );
}

type RowProps = Omit<ExceptionTableProps, "entries"> & { entry: Entry };

function Row({ entry, subscriptionName, end }: RowProps) {
  const { level, name, isSubscription } = scopeWords(entry.scope);
  const vault = parseVaultId(entry.scope);
  return (
    <tr>
      <th scope="row" className={own.where} title={entry.scope}>
        {vault ? (
          <Link href={vaultPath(vault)} prefetch={false}>
            {name}
          </Link>
        ) : isSubscription ? (
          subscriptionName(name)
        ) : (
          name
        )}
        <span className={own.second}>{level}</span>
      </th>
      <td data-label="What" data-wide className={own.what}>
        <Badge look={KIND_LOOK[entry.kind]} />
      </td>
      <td data-label="Why" data-wide className={own.why}>
        {entry.reason}
      </td>
      <td data-label="Added by" className={own.by}>
        {entry.by}
        <span className={own.second}>
          <LocalTime at={entry.createdAt} />
        </span>
      </td>
      <td data-label="Until" className={own.until}>
        <Until entry={entry} />
      </td>
      {end && (
        <td className={own.end}>{entry.endedAt === null && <EndExceptionButton exception={entry} end={end} />}</td>
      )}
    </tr>
  );
}

function Until({ entry }: { entry: Entry }) {
  const now = useNow();
  if (entry.endedAt !== null) {
    return (
      <>
        Over
        <span className={own.second}>
          <LocalTime at={entry.endedAt} />
          {entry.endedBy !== null && `, by ${entry.endedBy}`}
        </span>
      </>
    );
  }
  return (
    <>
      <time dateTime={entry.until} title={bothTimes(entry.until)}>
        {lastDayOf(entry.until)}
      </time>
      <span className={own.second}>{timeLeft(entry.until, now)}</span>
    </>
  );
}
