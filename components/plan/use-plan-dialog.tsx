"use client";
import dynamic from "next/dynamic";
import { type MouseEvent, useCallback, useRef, useState } from "react";
import type { Plan, PlanSubject } from "./plan-dialog";

const PlanDialog = dynamic(() => import("./plan-dialog").then((file) => file.PlanDialog), {
  ssr: false,
});

/** For a button that leads to the dialog. */
export interface PlanOpener {
  /** The first sign of intent: the dialog's code is fetched and mounted closed, so that it opens at once. */
  onNear: () => void;
  onAsk: (subject: PlanSubject, event: MouseEvent<HTMLElement>) => void;
}

/** The dialog that asks what to plan, loaded when somebody comes near it. */
export function usePlanDialog(plan: Plan) {
  const [near, setNear] = useState(false);
  const [open, setOpen] = useState(false);
  const [subject, setSubject] = useState<PlanSubject | null>(null);
  const opener = useRef<HTMLElement>(null);
  const onNear = useCallback(() => setNear(true), []);
  const onAsk = useCallback((asked: PlanSubject, event: MouseEvent<HTMLElement>) => {
    opener.current = event.currentTarget;
    setNear(true);
    setSubject(asked);
    setOpen(true);
  }, []);
  const close = () => {
    setOpen(false);
    opener.current?.focus();
  };
  const dialog = near && <PlanDialog open={open} subject={subject} plan={plan} onClose={close} />;
  return { dialog, onNear, onAsk };
}
