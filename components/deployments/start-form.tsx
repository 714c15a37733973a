"use client";
import { Button, Field, Input } from "@fluentui/react-components";
import { type FormEvent, useState } from "react";
import { FailureNotice } from "@/components/ui/failure-notice";
import { Card } from "@/components/ui/page";
import { formatNumber, plural } from "@/components/ui/plural";
import type { DeploymentView } from "@/lib/deployments/views.pure";
import s from "./deployment.module.css";
import { type DeploymentActions, useStart } from "./use-control";
import { OPERATION_WORDS } from "./words";

interface StartFormProps {
  deployment: DeploymentView;
  actions: DeploymentActions;
}

/** Confirms the plan; where many vaults are meant, their number has to be typed. */
export function StartForm({ deployment, actions }: StartFormProps) {
  const { id, operation, counts, confirmByTyping, approval, spreadHours } = deployment;
  const start = useStart(id, actions);
  const [typed, setTyped] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const words = OPERATION_WORDS[operation];
  const vaults = plural(counts.planned, "vault");
  const spread = spreadHours > 0 ? `, each at its own moment within ${plural(spreadHours, "hour")}` : "";

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const wrong = confirmByTyping === null ? null : wrongNumber(typed, confirmByTyping);
    setProblem(wrong);
    if (wrong === null) start.mutate(confirmByTyping);
  };

  return (
    <Card title="Start">
      <form className={s.body} onSubmit={submit} noValidate>
        <p>
          {approval.state === "needed"
            ? `When you start it, it waits for a second administrator; then it begins in ${vaults}${spread}.`
            : `It begins ${spreadHours > 0 ? "" : "at once "}in ${vaults}${spread}. You can pause or cancel it at any moment.`}
        </p>
        {confirmByTyping !== null && (
          <Field
            label={`Type the number of vaults, ${formatNumber(confirmByTyping)}`}
            {...(problem !== null && { validationState: "error", validationMessage: problem })}
          >
            <Input
              className={s.typed}
              inputMode="numeric"
              autoComplete="off"
              value={typed}
              onChange={(_, data) => {
                setTyped(data.value);
                setProblem(null);
              }}
            />
          </Field>
        )}
        {start.isError && <FailureNotice error={start.error} />}
        <div className={s.buttons}>
          <Button type="submit" appearance="primary" disabled={start.isPending}>
            {start.isPending ? "Starting…" : `Start: ${words.start} ${vaults}`}
          </Button>
        </div>
      </form>
    </Card>
  );
}

/** What is wrong with what was typed; null when it is the number. Separators of thousands do not count. */
function wrongNumber(typed: string, expected: number): string | null {
  const digits = typed.replaceAll(/[\s.,'’]/g, "");
  if (digits === String(expected)) return null;
  const wanted = `This plan is for ${plural(expected, "vault")}: type ${expected}.`;
  if (digits === "") return wanted;
  return /^\d+$/.test(digits) ? `You typed ${digits}. ${wanted}` : `That is not a number. ${wanted}`;
}
