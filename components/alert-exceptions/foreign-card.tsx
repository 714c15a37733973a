"use client";
import Link from "next/link";
import { toFailure } from "@/components/api/api-error";
import { useAction } from "@/components/api/use-action";
import { Age, LocalTime } from "@/components/ui/age";
import { ConfirmedButton } from "@/components/ui/confirmed-button";
import { FailureNotice } from "@/components/ui/failure-notice";
import { LeftOut } from "@/components/ui/left-out";
import { Notice } from "@/components/ui/notice";
import { OutsideText } from "@/components/ui/outside-text";
import { Card } from "@/components/ui/page";
import { plural } from "@/components/ui/plural";
import { Badge } from "@/components/ui/state-badge";
import { Wait } from "@/components/ui/wait";
import { type ForeignException, TAKEN_OVER_DAYS } from "@/lib/detection/alert-exceptions.pure";
import s from "./alert-exceptions.module.css";
import { type AlertExceptionActions, useForeignExceptions, useRefreshAlertExceptions } from "./use-alert-exceptions";
import { EFFECT_LOOK, operationWords, placeWords } from "./words";

type Deeds = Pick<AlertExceptionActions, "takeOver" | "remove">;

/** Rows of the watchlist that lower alerts and that nobody decided about here: what they say, who wrote them, what to do. */
export function ForeignCard(deeds: Deeds) {
  const list = useForeignExceptions();
  const { foreign = [], more = 0, vaultsLeftOut = 0, mayChange = false } = list.data ?? {};
  const lowering = foreign.filter(({ effect }) => effect === "lowers" || effect === "unclear").length;
  return (
    <Card title="Not written by this product">
      {list.isPending && <Wait>Looking through the published register</Wait>}
      {list.isError && <FailureNotice error={list.error} onRetry={() => list.refetch()} />}
      {list.data && foreign.length === 0 && (
        <p className={s.none}>Every exception in the published register was decided here.</p>
      )}
      {foreign.length > 0 && (
        <>
          <div className={s.notice}>
            <Notice
              intent="warning"
              title={`${plural(foreign.length + more, "row")} of the register that nobody decided about here`}
            >
              <p>
                Whoever may write to the watchlist can make a caller count less, also to prepare a theft. Ask who wrote
                it.{lowering === 0 && " None of those below lowers an alert now."}
              </p>
            </Notice>
          </div>
          <ul>
            {foreign.map((row) => (
              <li key={row.itemId} className={s.proposal}>
                <Said row={row} />
                {mayChange && <Decide row={row} {...deeds} />}
              </li>
            ))}
          </ul>
        </>
      )}
      {list.data && (
        <div className={s.none}>
          {more > 0 && <p>And {more} more, which are shown when some of these are decided about.</p>}
          <LeftOut vaults={vaultsLeftOut} />
          <p>
            Register read <Age at={list.data.readAt} />.
          </p>
        </div>
      )}
    </Card>
  );
}

function Said({ row }: { row: ForeignException }) {
  const { caller, operation, from, until, effect } = row;
  return (
    <div className={s.evidence}>
      <p className={s.head}>
        <span className={s.who}>
          <OutsideText>{caller || "Names no caller"}</OutsideText>
        </span>
        <Badge look={EFFECT_LOOK[effect]} />
      </p>
      <p>
        <OutsideText>{operationWords(operation) || "Names no operation"}</OutsideText>, <Where row={row} />, from{" "}
        {from === null ? "no readable time" : <LocalTime at={from} />} until{" "}
        {until === null ? "no readable time" : <LocalTime at={until} />}.
      </p>
      <Written row={row} />
    </div>
  );
}

function Where({ row: { place, placeText } }: { row: ForeignException }) {
  if (!place) {
    if (placeText === "") return "in no place";
    return (
      <>
        in what is no place: <OutsideText>{placeText}</OutsideText>
      </>
    );
  }
  const { what, detail } = placeWords(place);
  if (!place.vault) return "everywhere";
  return (
    <>
      {place.level === "decoy" && (
        <>
          <OutsideText>{what}</OutsideText> in{" "}
        </>
      )}
      {place.level === "vault" && "in "}
      <Link href={place.vault.path} prefetch={false} title={detail}>
        {place.vault.name}
      </Link>
    </>
  );
}

function Written({ row: { written } }: { row: ForeignException }) {
  if (!written) return <p>Who wrote it could not be asked.</p>;
  const { created, updated } = written;
  return (
    <p>
      Written by <Author {...created} />
      {(updated.at !== created.at || updated.name !== created.name) && (
        <>
          , last changed by <Author {...updated} />
        </>
      )}
      .
    </p>
  );
}

function Author({ name, at }: { name: string | null; at: string | null }) {
  return (
    <>
      <OutsideText>{name ?? "somebody whom the watchlist does not name"}</OutsideText>
      {at !== null && (
        <>
          , <LocalTime at={at} />
        </>
      )}
    </>
  );
}

/** What an administrator can decide about one row. Neither is done by itself, and neither confirms it. */
function Decide({ row, takeOver, remove }: { row: ForeignException } & Deeds) {
  const refresh = useRefreshAlertExceptions();
  const taking = useAction(takeOver, refresh);
  const removing = useAction(remove, refresh);
  const { itemId, caller, refusal } = row;
  const who = caller || "nobody";
  const busy = taking.isPending || removing.isPending;
  const error = taking.error ?? removing.error;
  return (
    <span className={s.buttons}>
      {error && (
        <span role="alert" className={s.problem}>
          {toFailure(error).message}
        </span>
      )}
      {refusal === null ? (
        <ConfirmedButton
          size="small"
          label={taking.isPending ? "Taking over…" : "Take over"}
          name={`Take over the row for ${who}`}
          disabled={busy}
          title="Take this row over?"
          confirm="Take it over"
          onConfirm={() => taking.mutate({ itemId })}
        >
          <p>
            It becomes an exception that nobody has confirmed, and goes on lowering alerts for {TAKEN_OVER_DAYS} days at
            most. Renew it with a reason and a last day to confirm it, or end it.
          </p>
        </ConfirmedButton>
      ) : (
        <span className={s.second}>{refusal}</span>
      )}
      <ConfirmedButton
        size="small"
        label={removing.isPending ? "Removing…" : "Remove"}
        name={`Remove the row for ${who}`}
        disabled={busy}
        title="Remove this row from the register?"
        confirm="Remove it"
        onConfirm={() => removing.mutate({ itemId })}
      >
        <p>
          The row is deleted from the watchlist. From the next minutes on, touches by this caller raise an alert in
          full, unless another exception holds.
        </p>
      </ConfirmedButton>
    </span>
  );
}
