"use client";
import { useAction } from "@/components/api/use-action";
import { ADMINISTRATOR, ANALYST } from "@/components/session/roles";
import { useSession } from "@/components/session/session-context";
import { ConfirmedButton } from "@/components/ui/confirmed-button";
import { FailureNotice } from "@/components/ui/failure-notice";
import { plural } from "@/components/ui/plural";
import type { SelectionInput } from "@/components/vaults/selection";
import { skippedWords } from "./drill-words";
import s from "./drills.module.css";
import { type StartDrills, useRefreshDrills } from "./use-drills";

interface DrillOfferProps {
  start: StartDrills;
  selection: () => SelectionInput;
  vaults: number;
}

/** Offers to drill many vaults, to analysts and administrators; nothing to everybody else. */
export function DrillOffer(props: DrillOfferProps) {
  const { roles } = useSession();
  return roles.includes(ADMINISTRATOR) || roles.includes(ANALYST) ? <Offer {...props} /> : null;
}

/** The button that asks, and starts. It stands in a row of buttons; what came of it has a line of its own below them. */
function Offer({ start, selection, vaults }: DrillOfferProps) {
  const refresh = useRefreshDrills();
  const starting = useAction(start, refresh);
  return (
    <>
      <ConfirmedButton
        label={`Drill ${plural(vaults, "vault")}…`}
        disabled={vaults === 0 || starting.isPending}
        title={`Drill ${plural(vaults, "vault")}`}
        confirm="Start the drills"
        onConfirm={() => starting.mutate({ selection: selection() })}
      >
        <p>
          In each of them that holds a working honeytoken, one is touched on purpose, one vault after the other in an
          order that nobody can foresee. Each raises an incident, which is closed by itself if it holds nothing else.
        </p>
      </ConfirmedButton>
      <span role="status" className={`${s.note} ${s.result}`}>
        {starting.isSuccess && skippedWords(starting.data)}
      </span>
      {starting.isError && (
        <div className={s.result}>
          <FailureNotice error={starting.error} />
        </div>
      )}
    </>
  );
}
