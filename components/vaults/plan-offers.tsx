"use client";
import { Button } from "@fluentui/react-components";
import { ADMINISTRATOR } from "@/components/session/roles";
import { useSession } from "@/components/session/session-context";
import { formatNumber } from "@/components/ui/plural";
import type { BoardQuery } from "@/lib/coverage/select.pure";
import s from "./selection-bar.module.css";
import type { PlanOpener } from "./use-plan-dialog";

interface PlanOffersProps extends PlanOpener {
  /** What the board shows, and how many vaults that are. */
  query: BoardQuery;
  shown: number;
}

/** What can be planned while nothing is selected. */
export function PlanOffers({ query, shown, onNear, onAsk }: PlanOffersProps) {
  const { roles } = useSession();
  const near = { onPointerEnter: onNear, onFocus: onNear };
  return (
    <div className={s.offers}>
      {shown > 0 && (
        <Button
          {...near}
          onClick={(event) => onAsk({ operation: "plant", selection: { by: "filter", query }, vaults: shown }, event)}
        >
          Plan for all {formatNumber(shown)} shown
        </Button>
      )}
      {roles.includes(ADMINISTRATOR) && (
        <Button
          {...near}
          onClick={(event) => onAsk({ operation: "plant", selection: { by: "all" }, vaults: null }, event)}
        >
          Plan for every vault
        </Button>
      )}
    </div>
  );
}
