"use client";
import { Button } from "@fluentui/react-components";
import type { MouseEvent } from "react";
import type { Plan } from "@/components/plan/plan-dialog";
import { usePlanDialog } from "@/components/plan/use-plan-dialog";
import type { PlannedOperation } from "@/lib/deployments/views.pure";
import s from "./plain-table.module.css";

interface DecoyActionsProps {
  vaultId: string;
  /** What is to be replaced or removed: those that are ticked, or all live ones. */
  decoyIds: string[];
  /** How many live ones there are. */
  of: number;
  plan: Plan;
}

/** Leads to a plan for single honeytokens of a vault, or for all of them. */
export function DecoyActions({ vaultId, decoyIds, of, plan }: DecoyActionsProps) {
  const { dialog, onNear, onAsk } = usePlanDialog(plan);
  const which = of === 1 ? "" : decoyIds.length === of ? ` all ${of}` : ` ${decoyIds.length} of ${of}`;
  const offer = (operation: PlannedOperation) => ({
    onPointerEnter: onNear,
    onFocus: onNear,
    onClick: (event: MouseEvent<HTMLElement>) =>
      onAsk({ operation, selection: { by: "vaults", vaultIds: [vaultId] }, vaults: 1, decoyIds }, event),
  });
  return (
    <div className={s.actions}>
      <Button {...offer("replace")}>{`Replace${which}…`}</Button>
      <Button {...offer("retire")}>{`Remove${which}…`}</Button>
      {dialog}
    </div>
  );
}
