"use client";
import { Button } from "@fluentui/react-components";
import type { FormEvent } from "react";
import { FailureNotice } from "@/components/ui/failure-notice";
import { Card } from "@/components/ui/page";
import { plural } from "@/components/ui/plural";
import { useFocusPassedOn } from "@/components/ui/use-focus-passed-on";
import type { DeploymentView } from "@/lib/deployments/views.pure";
import s from "./deployment.module.css";
import { TypedNumber, useTypedNumber } from "./typed-number";
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
  const card = useFocusPassedOn();
  const number = useTypedNumber(confirmByTyping);
  const words = OPERATION_WORDS[operation];
  const vaults = plural(counts.planned, "vault");
  const spread = spreadHours > 0 ? `, each at its own moment within ${plural(spreadHours, "hour")}` : "";

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (number.isRight()) start.mutate(confirmByTyping);
  };

  return (
    <Card title="Start" ref={card}>
      <form className={s.body} onSubmit={submit} noValidate>
        <p>
          {approval.state === "needed"
            ? `When you start it, it waits for a second administrator; then it begins in ${vaults}${spread}.`
            : `It begins ${spreadHours > 0 ? "" : "at once "}in ${vaults}${spread}. You can pause or cancel it at any moment.`}
        </p>
        <TypedNumber number={number} />
        {start.isError && <FailureNotice error={start.error} />}
        <div className={s.buttons}>
          <Button type="submit" appearance="primary" disabledFocusable={start.isPending}>
            {start.isPending ? "Starting…" : `Start: ${words.start} ${vaults}`}
          </Button>
        </div>
      </form>
    </Card>
  );
}
