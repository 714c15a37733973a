"use client";
import { Dialog, DialogSurface } from "@fluentui/react-components";
import { type FormEvent, useState } from "react";
import { toFailure } from "@/components/api/api-error";
import { useAction } from "@/components/api/use-action";
import { DialogForm } from "@/components/ui/dialog-form";
import { problemsOf } from "@/components/ui/form-problems";
import { DayField, dayAfter, FIRST_DAYS, ReasonField } from "@/components/ui/reason-fields";
import { type AlertException, DAYS_MAX, RenewRequest, validity } from "@/lib/detection/alert-exceptions.pure";
import s from "./alert-exceptions.module.css";
import { type AlertExceptionActions, useRefreshAlertExceptions } from "./use-alert-exceptions";
import { LAST_DAY, REASON_HINT } from "./words";

interface RenewDialogProps {
  open: boolean;
  exception: AlertException;
  renew: AlertExceptionActions["renew"];
  onClose: () => void;
}

/** Lets an exception hold on: asks for the reason of today and a new last day. Loaded on demand. */
export function RenewDialog({ open, ...form }: RenewDialogProps) {
  return (
    <Dialog open={open} onOpenChange={(_, data) => !data.open && form.onClose()}>
      <DialogSurface>
        <RenewForm {...form} />
      </DialogSurface>
    </Dialog>
  );
}

function RenewForm({ exception, renew, onClose }: Omit<RenewDialogProps, "open">) {
  const [reason, setReason] = useState("");
  const [lastDay, setLastDay] = useState(() => dayAfter(FIRST_DAYS));
  const [problems, setProblems] = useState<Record<string, string>>({});
  const refresh = useRefreshAlertExceptions();
  const renewing = useAction(renew, async () => {
    await refresh();
    onClose();
  });
  const failure = renewing.error ? toFailure(renewing.error) : undefined;
  const problemAt = (field: string) => (failure?.field === field ? failure.message : problems[field]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const parsed = RenewRequest.safeParse({ id: exception.id, reason, lastDay });
    const found = parsed.success ? daysProblem(lastDay) : problemsOf(parsed.error.issues);
    setProblems(found);
    if (parsed.success && Object.keys(found).length === 0) renewing.mutate(parsed.data);
  };
  return (
    <DialogForm
      title={`Renew the exception of ${exception.callerName}`}
      className={s.fields}
      words={{ submit: "Confirm and renew", pending: "Renewing…" }}
      action={renewing}
      onSubmit={submit}
      onClose={onClose}
    >
      <p>Until now: {exception.reason}</p>
      <ReasonField value={reason} hint={REASON_HINT} problem={problemAt("reason")} onChange={setReason} />
      <DayField
        {...LAST_DAY}
        max={dayAfter(DAYS_MAX - 1)}
        value={lastDay}
        problem={problemAt("lastDay")}
        onChange={setLastDay}
      />
    </DialogForm>
  );
}

function daysProblem(lastDay: string): Record<string, string> {
  const times = validity({ firstDay: dayAfter(0), lastDay }, new Date());
  return "field" in times ? { lastDay: times.message } : {};
}
