"use client";
import { Dialog, DialogSurface, Field, Radio, RadioGroup } from "@fluentui/react-components";
import { type FormEvent, useState } from "react";
import { toFailure } from "@/components/api/api-error";
import { useAction } from "@/components/api/use-action";
import { DialogForm } from "@/components/ui/dialog-form";
import { problemsOf } from "@/components/ui/form-problems";
import { DayField, dayAfter, FIRST_DAYS, ReasonField } from "@/components/ui/reason-fields";
import {
  EXCEPTION_KINDS,
  type ExceptionKind,
  ExceptionRequest,
  lastDayProblem,
  REASON_MIN,
} from "@/lib/exceptions/exceptions.pure";
import { KIND_CHOICE } from "./exception-words";
import s from "./exceptions.module.css";
import { ScopePicker } from "./scope-picker";
import { type AddException, useRefreshExceptions } from "./use-exceptions";

interface AddExceptionDialogProps {
  open: boolean;
  add: AddException;
  /** Given where the vault is known; otherwise the person chooses. */
  vault?: { id: string; name: string };
  onClose: () => void;
}

/** Asks for an exclusion or an exemption: where, why, until when. Loaded on demand. */
export function AddExceptionDialog({ open, ...form }: AddExceptionDialogProps) {
  return (
    <Dialog open={open} onOpenChange={(_, data) => !data.open && form.onClose()}>
      <DialogSurface>
        <AddExceptionForm {...form} />
      </DialogSurface>
    </Dialog>
  );
}

/** Begins anew each time, since a closed dialog has no contents. */
function AddExceptionForm({ add, vault, onClose }: Omit<AddExceptionDialogProps, "open">) {
  const [kind, setKind] = useState<ExceptionKind>("exemption");
  const [scope, setScope] = useState(vault?.id ?? "");
  const [reason, setReason] = useState("");
  const [lastDay, setLastDay] = useState(() => dayAfter(FIRST_DAYS));
  const [problems, setProblems] = useState<Record<string, string>>({});
  const refresh = useRefreshExceptions();
  const adding = useAction(add, async () => {
    await refresh();
    onClose();
  });
  const failure = adding.error ? toFailure(adding.error) : undefined;
  const problemAt = (field: string) => (failure?.field === field ? failure.message : problems[field]);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const parsed = ExceptionRequest.safeParse({ kind, scope, reason, lastDay });
    const found = parsed.success ? lateProblem(lastDay) : problemsOf(parsed.error.issues);
    // An empty field is not an id that is wrong.
    if (found.scope !== undefined) found.scope = "Choose where it holds.";
    setProblems(found);
    if (parsed.success && Object.keys(found).length === 0) adding.mutate(parsed.data);
  };

  return (
    <DialogForm
      title={vault ? `Add an exception for ${vault.name}` : "Add an exception"}
      className={s.fields}
      words={{ submit: "Add", pending: "Adding…" }}
      action={adding}
      onSubmit={submit}
      onClose={onClose}
    >
      <Field label="Kind">
        <RadioGroup value={kind} onChange={(_, data) => setKind(ExceptionRequest.shape.kind.parse(data.value))}>
          {EXCEPTION_KINDS.toReversed().map((one) => (
            <Radio key={one} value={one} label={KIND_CHOICE[one]} />
          ))}
        </RadioGroup>
      </Field>
      {!vault && <ScopePicker problem={problemAt("scope")} onChange={setScope} />}
      <ReasonField
        value={reason}
        hint={`At least ${REASON_MIN} characters. Owners of the vaults read it, so name no honeytoken.`}
        problem={problemAt("reason")}
        onChange={setReason}
      />
      <DayField
        label="Last day (UTC)"
        hint="One year at most; it is over by itself then."
        max={dayAfter(365)}
        value={lastDay}
        problem={problemAt("lastDay")}
        onChange={setLastDay}
      />
    </DialogForm>
  );
}

function lateProblem(lastDay: string): Record<string, string> {
  const problem = lastDayProblem(lastDay, new Date());
  return problem === undefined ? {} : { lastDay: problem };
}
