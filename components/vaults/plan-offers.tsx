"use client";
import { Button } from "@fluentui/react-components";
import type { MouseEvent } from "react";
import { DrillOffer } from "@/components/drills/drill-offer";
import type { StartDrills } from "@/components/drills/use-drills";
import type { PlanSubject } from "@/components/plan/plan-dialog";
import type { PlanOpener } from "@/components/plan/use-plan-dialog";
import { ADMINISTRATOR } from "@/components/session/roles";
import { useSession } from "@/components/session/session-context";
import { formatNumber } from "@/components/ui/plural";
import type { BoardQuery } from "@/lib/coverage/select.pure";
import s from "./selection-bar.module.css";

interface PlanOffersProps extends PlanOpener {
  /** What the board shows, and how many vaults that are. */
  query: BoardQuery;
  shown: number;
  /** Planting and replacing is this person's work. */
  mayPlan: boolean;
  startDrills: StartDrills;
}

/** What can be planned while nothing is selected. */
export function PlanOffers({ query, shown, mayPlan, startDrills, onNear, onAsk }: PlanOffersProps) {
  const { roles } = useSession();
  const offer = (subject: PlanSubject) => ({
    onPointerEnter: onNear,
    onFocus: onNear,
    onClick: (event: MouseEvent<HTMLElement>) => onAsk(subject, event),
  });
  const these = { selection: { by: "filter" as const, query }, vaults: shown };
  const every = { selection: { by: "all" as const }, vaults: null };
  return (
    <div className={s.offers}>
      {shown > 0 && mayPlan && (
        <>
          <Button {...offer({ operation: "plant", ...these })}>Plan for all {formatNumber(shown)} shown</Button>
          <Button {...offer({ operation: "replace", ...these })}>Plan replacement in all shown…</Button>
        </>
      )}
      {shown > 0 && <DrillOffer start={startDrills} selection={() => these.selection} vaults={shown} />}
      {roles.includes(ADMINISTRATOR) && (
        <>
          <Button {...offer({ operation: "plant", ...every })}>Plan for every vault</Button>
          <Button {...offer({ operation: "replace", ...every })}>Plan replacement in every vault…</Button>
        </>
      )}
    </div>
  );
}
