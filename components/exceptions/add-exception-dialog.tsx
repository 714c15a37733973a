"use client";
import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  Field,
  Input,
  Radio,
  RadioGroup,
  Textarea,
} from "@fluentui/react-components";
import { type FormEvent, useState } from "react";
import { toFailure } from "@/components/api/api-error";
import { useAction } from "@/components/api/use-action";
import { FailureNotice } from "@/components/ui/failure-notice";
import { fieldProblem } from "@/components/ui/field-problem";
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

const DAY_MS = 24 * 60 * 60 * 1000;
/** Long enough to be worth asking for, short enough to be looked at again. */
const FIRST_DAYS = 90;

const dayAfter = (days: number): string => new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10);

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
    setProblems(found);
    if (parsed.success && Object.keys(found).length === 0) adding.mutate(parsed.data);
  };

  return (
    <form onSubmit={submit} noValidate>
      <DialogBody>
        <DialogTitle>{vault ? `Add an exception for ${vault.name}` : "Add an exception"}</DialogTitle>
        <DialogContent className={s.fields}>
          <Field label="Kind">
            <RadioGroup value={kind} onChange={(_, data) => setKind(ExceptionRequest.shape.kind.parse(data.value))}>
              {EXCEPTION_KINDS.toReversed().map((one) => (
                <Radio key={one} value={one} label={KIND_CHOICE[one]} />
              ))}
            </RadioGroup>
          </Field>
          {!vault && <ScopePicker problem={problemAt("scope")} onChange={setScope} />}
          <Field
            label="Reason"
            required
            hint={`At least ${REASON_MIN} characters. Owners of the vaults read it, so name no honeytoken.`}
            {...fieldProblem(problemAt("reason"))}
          >
            <Textarea value={reason} maxLength={500} onChange={(_, data) => setReason(data.value)} />
          </Field>
          <Field
            label="Last day (UTC)"
            required
            hint="One year at most; it is over by itself then."
            {...fieldProblem(problemAt("lastDay"))}
          >
            <Input
              className={s.day}
              type="date"
              min={dayAfter(0)}
              max={dayAfter(365)}
              value={lastDay}
              onChange={(_, data) => setLastDay(data.value)}
            />
          </Field>
          {adding.error && failure?.field === undefined && <FailureNotice error={adding.error} />}
        </DialogContent>
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" appearance="primary" disabled={adding.isPending}>
            {adding.isPending ? "Adding…" : "Add"}
          </Button>
        </DialogActions>
      </DialogBody>
    </form>
  );
}

function lateProblem(lastDay: string): Record<string, string> {
  const problem = lastDayProblem(lastDay, new Date());
  return problem === undefined ? {} : { lastDay: problem };
}

function problemsOf(issues: readonly { path: readonly PropertyKey[]; message: string }[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const { path, message } of issues) found[String(path[0])] ??= message;
  // An empty field is not an id that is wrong.
  if (found.scope !== undefined) found.scope = "Choose where it holds.";
  return found;
}
