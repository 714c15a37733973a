"use client";
import Link from "next/link";
import { bothTimes, LocalTime, useNow } from "@/components/ui/age";
import s from "@/components/ui/list-table.module.css";
import { OutsideText } from "@/components/ui/outside-text";
import { Badge } from "@/components/ui/state-badge";
import type { PastAlertException } from "@/lib/detection/alert-exceptions.pure";
import own from "./alert-exceptions.module.css";
import { EndOrRenew } from "./end-or-renew";
import type { AlertExceptionActions } from "./use-alert-exceptions";
import { lastDayOf, looksOf, placeWords } from "./words";

/** One that was not ended has no end yet. */
export type Entry = Omit<PastAlertException, "endedAt"> & { endedAt: string | null };

interface AlertExceptionTableProps extends Partial<Pick<AlertExceptionActions, "renew" | "end">> {
  entries: readonly Entry[];
}

/** Alert exceptions, each with everything that was decided about it. */
export function AlertExceptionTable({ entries, renew, end }: AlertExceptionTableProps) {
  const deeds = renew && end ? { renew, end } : undefined;
  return (
    <div className={s.card}>
      <table className={`${s.table} ${own.table}`}>
        <thead>
          <tr>
            <th scope="col">Caller</th>
            <th scope="col">May</th>
            <th scope="col">Where</th>
            <th scope="col">Why</th>
            <th scope="col">State</th>
            {deeds && (
              <th scope="col">
                <span className={own.hidden}>Decide</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <Row key={entry.id} entry={entry} {...(deeds && { deeds })} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ entry, deeds }: { entry: Entry; deeds?: Pick<AlertExceptionActions, "renew" | "end"> }) {
  const place = placeWords(entry.place);
  const { vault } = entry.place;
  return (
    <tr>
      <th scope="row" className={own.caller}>
        <OutsideText>{entry.callerName}</OutsideText>
        <span className={`${own.second} ${s.code}`}>{entry.callerOid}</span>
      </th>
      <td data-label="May">
        <ul className={own.operations}>
          {entry.operations.map((operation) => (
            <li key={operation}>{operation}</li>
          ))}
        </ul>
      </td>
      <td data-label="Where" className={own.where}>
        {vault ? (
          <Link href={vault.path} prefetch={false}>
            {place.what}
          </Link>
        ) : (
          place.what
        )}
        <span className={own.second}>{place.detail}</span>
      </td>
      <td data-label="Why" data-wide className={own.why}>
        <OutsideText>{entry.reason}</OutsideText>
        <span className={own.second}>
          {entry.confirmedBy === null || entry.confirmedAt === null ? (
            "Nobody has confirmed it"
          ) : (
            <>
              <OutsideText>{entry.confirmedBy}</OutsideText>, <LocalTime at={entry.confirmedAt} />
            </>
          )}
        </span>
      </td>
      <td data-label="State" data-wide>
        <State entry={entry} />
      </td>
      {deeds && <td className={own.deeds}>{entry.endedAt === null && <EndOrRenew exception={entry} {...deeds} />}</td>}
    </tr>
  );
}

function State({ entry }: { entry: Entry }) {
  const now = useNow();
  if (entry.endedAt !== null) {
    return (
      <>
        Ended
        <span className={own.second}>
          <LocalTime at={entry.endedAt} />
          {entry.endedBy !== null && (
            <>
              , by <OutsideText>{entry.endedBy}</OutsideText>
            </>
          )}
        </span>
      </>
    );
  }
  return (
    <>
      <span className={own.badges}>
        {looksOf(entry, now).map((look) => (
          <Badge key={look.word} look={look} />
        ))}
      </span>
      <span className={own.second}>
        {Date.parse(entry.from) > now && now > 0 && (
          <>
            from <LocalTime at={entry.from} />{" "}
          </>
        )}
        until{" "}
        <time dateTime={entry.until} title={bothTimes(entry.until)}>
          {lastDayOf(entry.until)}
        </time>
      </span>
      {entry.problem !== null && <span className={own.problem}>{entry.problem}</span>}
    </>
  );
}
