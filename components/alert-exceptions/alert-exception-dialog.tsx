"use client";
import { Dialog, DialogSurface, Field, Input } from "@fluentui/react-components";
import { type FormEvent, useState } from "react";
import { toFailure } from "@/components/api/api-error";
import { useAction } from "@/components/api/use-action";
import { Check } from "@/components/ui/check";
import { DialogForm } from "@/components/ui/dialog-form";
import { fieldProblem } from "@/components/ui/field-problem";
import { problemsOf } from "@/components/ui/form-problems";
import { DayField, dayAfter, FIRST_DAYS, ReasonField } from "@/components/ui/reason-fields";
import {
  AlertExceptionRequest,
  DAYS_MAX,
  EXCEPTABLE,
  type Exceptable,
  type ExceptionScope,
  type Proposal,
  validity,
} from "@/lib/detection/alert-exceptions.pure";
import s from "./alert-exceptions.module.css";
import { ScopeFields } from "./scope-fields";
import { type AlertExceptionActions, useRefreshAlertExceptions } from "./use-alert-exceptions";
import { LAST_DAY, OPERATION_WORDS, REASON_HINT } from "./words";

interface AlertExceptionDialogProps {
  open: boolean;
  add: AlertExceptionActions["add"];
  /** What the log showed; the form begins with it. */
  proposal?: Proposal;
  onClose: () => void;
}

/** Asks who is expected to do what, where, why and until when. Loaded on demand. */
export function AlertExceptionDialog({ open, ...form }: AlertExceptionDialogProps) {
  return (
    <Dialog open={open} onOpenChange={(_, data) => !data.open && form.onClose()}>
      <DialogSurface>
        <AlertExceptionForm {...form} />
      </DialogSurface>
    </Dialog>
  );
}

/** One vault where it was seen in one; everywhere where it was seen in several. */
function scopeOf(proposal: Proposal | undefined): ExceptionScope | undefined {
  if (!proposal) return undefined;
  const [vault, ...more] = proposal.vaults;
  return vault && more.length === 0 ? { level: "vault", vaultId: vault.id } : { level: "everywhere" };
}

/** Begins anew each time, since a closed dialog has no contents. */
function AlertExceptionForm({ add, proposal, onClose }: Omit<AlertExceptionDialogProps, "open">) {
  const [callerOid, setCallerOid] = useState(proposal?.callerOid ?? "");
  const [callerName, setCallerName] = useState(proposal?.callerName ?? "");
  const [operations, setOperations] = useState<readonly Exceptable[]>(proposal?.operations ?? []);
  const [scope, setScope] = useState(() => scopeOf(proposal));
  const [reason, setReason] = useState("");
  const [firstDay, setFirstDay] = useState(() => dayAfter(0));
  const [lastDay, setLastDay] = useState(() => dayAfter(FIRST_DAYS));
  const [problems, setProblems] = useState<Record<string, string>>({});
  const refresh = useRefreshAlertExceptions();
  const adding = useAction(add, async () => {
    await refresh();
    onClose();
  });
  const failure = adding.error ? toFailure(adding.error) : undefined;
  const problemAt = (field: string) => (failure?.field === field ? failure.message : problems[field]);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const wanted = { callerOid, callerName, operations: [...operations], scope, reason, firstDay, lastDay };
    const parsed = AlertExceptionRequest.safeParse(wanted);
    const found = parsed.success ? daysProblem(parsed.data) : problemsOf(parsed.error.issues);
    if (found.scope !== undefined) found.scope = "Choose where it holds.";
    setProblems(found);
    if (parsed.success && Object.keys(found).length === 0) adding.mutate(parsed.data);
  };
  return (
    <DialogForm
      title={proposal ? "Confirm what was observed" : "Add an alert exception"}
      className={s.fields}
      words={{ submit: "Confirm and add", pending: "Adding…" }}
      action={adding}
      onSubmit={submit}
      onClose={onClose}
    >
      <Field
        label="Object id of the caller"
        required
        hint="From Microsoft Entra. A user agent, an address or an application id can be forged, so none of them counts."
        {...fieldProblem(problemAt("callerOid"))}
      >
        <Input value={callerOid} maxLength={64} onChange={(_, data) => setCallerOid(data.value)} />
      </Field>
      <Field label="Who this is" required {...fieldProblem(problemAt("callerName"))}>
        <Input value={callerName} maxLength={200} onChange={(_, data) => setCallerName(data.value)} />
      </Field>
      <Operations chosen={operations} problem={problemAt("operations")} onChange={setOperations} />
      <ScopeFields value={scope} problem={problemAt("scope")} onChange={setScope} />
      <ReasonField value={reason} hint={REASON_HINT} problem={problemAt("reason")} onChange={setReason} />
      <DayField label="First day (UTC)" value={firstDay} problem={problemAt("firstDay")} onChange={setFirstDay} />
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

interface OperationsProps {
  chosen: readonly Exceptable[];
  problem: string | undefined;
  onChange: (chosen: readonly Exceptable[]) => void;
}

function Operations({ chosen, problem, onChange }: OperationsProps) {
  return (
    <fieldset className={s.set}>
      <legend>What it is expected to do</legend>
      {EXCEPTABLE.map((operation) => (
        <Check
          key={operation}
          label={OPERATION_WORDS[operation]}
          checked={chosen.includes(operation)}
          onChange={(checked) =>
            onChange(checked ? [...chosen, operation] : chosen.filter((other) => other !== operation))
          }
        />
      ))}
      {problem !== undefined && (
        <p role="alert" className={s.problem}>
          {problem}
        </p>
      )}
    </fieldset>
  );
}

function daysProblem(request: AlertExceptionRequest): Record<string, string> {
  const times = validity(request, new Date());
  return "field" in times ? { [times.field]: times.message } : {};
}
