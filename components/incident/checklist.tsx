"use client";
import { Button, Input } from "@fluentui/react-components";
import Link from "next/link";
import { type MouseEvent, useState } from "react";
import { useAction } from "@/components/api/use-action";
import type { Plan } from "@/components/plan/plan-dialog";
import { usePlanDialog } from "@/components/plan/use-plan-dialog";
import { LocalTime } from "@/components/ui/age";
import { FailureNotice } from "@/components/ui/failure-notice";
import { Card } from "@/components/ui/page";
import { Badge } from "@/components/ui/state-badge";
import { NOTE_MAX, type StepAct, type StepView } from "@/lib/incidents/containment.pure";
import type { IncidentView } from "@/lib/incidents/incident.pure";
import { CommandLine } from "./copy-text";
import { Foreign, VaultName } from "./foreign";
import s from "./incident.module.css";
import { ACT_WORDS, lastPart, STEP_LOOK, STEP_WORDS } from "./incident-words";
import { type RecordStep, useRefreshIncident } from "./use-incident";

interface ChecklistProps {
  view: IncidentView;
  record: RecordStep;
  plan: Plan;
}

/** What to do about it, in order; each step says who did it and when. */
export function Checklist({ view, record, plan }: ChecklistProps) {
  const done = view.steps.filter(({ state }) => state === "done").length;
  return (
    <Card title={`What to do now: ${done} of ${view.steps.length} done`}>
      <ol>
        {view.steps.map((step, index) => (
          <li key={step.step} className={s.entry}>
            <div className={s.entryHead}>
              <h3 className={s.stepTitle}>
                {index + 1}. {STEP_WORDS[step.step].title}
              </h3>
              <Badge look={STEP_LOOK[step.state]} />
            </div>
            <p>{STEP_WORDS[step.step].about}</p>
            <Help step={step} view={view} plan={plan} />
            <History step={step} />
            <Acts incident={view.id} step={step} record={record} />
          </li>
        ))}
      </ol>
    </Card>
  );
}

/** Links and commands: this product ends no session and disables nobody. */
function Help({ step, view, plan }: { step: StepView; view: IncidentView; plan: Plan }) {
  const callers = view.callers.ok ? view.callers.rows : [];
  const unread = <p className={s.second}>Who the caller is could not be read, so the commands are missing here.</p>;
  switch (step.step) {
    case "sessions":
      if (!view.callers.ok) return unread;
      return callers.flatMap(({ caller, commands }) =>
        commands.sessions.map((one) => <CommandLine key={`${caller} ${one.command}`} {...one} />),
      );
    case "disable":
      // A second person has to agree first, and a command that can be copied would go past them.
      if (step.state !== "approved" && step.state !== "done") {
        return <p className={s.second}>The commands appear here once a second person has agreed.</p>;
      }
      if (!view.callers.ok) return unread;
      return callers.flatMap(({ caller, commands }) =>
        commands.disable.map((one) => <CommandLine key={`${caller} ${one.command}`} {...one} />),
      );
    case "rotate":
      return <a href="#rotate">See what to rotate</a>;
    case "setting":
      return <SilentPages silent={view.silent} />;
    case "workspace":
    case "reading":
      return <Link href="/setup">Go to the set-up</Link>;
    case "arriving":
      return <Link href="/setup/drills">Go to the drills</Link>;
    case "replant":
      return <Replant decoys={view.decoys} plan={plan} />;
    default:
      return null;
  }
}

/** Pages that are linked at once; the list of silent vaults has the rest. */
const PAGES_MAX = 5;

function SilentPages({ silent }: Pick<IncidentView, "silent">) {
  if (!silent.ok || silent.rows.length === 0) return null;
  const more = silent.rows.length - PAGES_MAX;
  return (
    <ul className={s.acts}>
      {silent.rows.slice(0, PAGES_MAX).map(({ vaultId }) => (
        <li key={vaultId}>
          <VaultName id={vaultId} />
        </li>
      ))}
      {more > 0 && <li className={s.second}>and {more} more, listed below</li>}
    </ul>
  );
}

function Replant({ decoys, plan }: { decoys: IncidentView["decoys"]; plan: Plan }) {
  const { dialog, onNear, onAsk } = usePlanDialog(plan);
  const byVault = new Map<string, string[]>();
  for (const { vaultId, decoyId } of decoys) {
    if (decoyId !== null) byVault.set(vaultId, [...(byVault.get(vaultId) ?? []), decoyId]);
  }
  if (byVault.size === 0) return <p className={s.second}>None of what was touched is live any more.</p>;
  return (
    <div className={s.acts}>
      {[...byVault].map(([vaultId, decoyIds]) => (
        <Button
          key={vaultId}
          size="small"
          onPointerEnter={onNear}
          onFocus={onNear}
          onClick={(event: MouseEvent<HTMLElement>) =>
            onAsk(
              { operation: "replace", selection: { by: "vaults", vaultIds: [vaultId] }, vaults: 1, decoyIds },
              event,
            )
          }
        >
          Replace in {lastPart(vaultId)}…
        </Button>
      ))}
      {dialog}
    </div>
  );
}

function History({ step }: { step: StepView }) {
  if (step.events.length === 0) return null;
  return (
    <ul className={s.plain}>
      {step.events.map(({ act, by, at, note }) => (
        <li key={`${at} ${act}`} className={s.second}>
          <Foreign>{by}</Foreign> {ACT_WORDS[act].past}, <LocalTime at={at} />
          {note !== "" && (
            <>
              {": "}
              <Foreign>{note}</Foreign>
            </>
          )}
        </li>
      ))}
    </ul>
  );
}

function Acts({ incident, step, record }: { incident: string; step: StepView; record: RecordStep }) {
  const [note, setNote] = useState("");
  const refresh = useRefreshIncident();
  const recording = useAction(record, async () => {
    setNote("");
    await refresh();
  });
  const { title } = STEP_WORDS[step.step];
  const send = (act: StepAct) => recording.mutate({ id: incident, step: step.step, act, note });
  return (
    <>
      {recording.isError && <FailureNotice error={recording.error} onRetry={() => void refresh()} />}
      {step.state === "waiting" && !step.may.includes("approve") && (
        <p className={s.second}>You asked for this, so somebody else has to agree to it.</p>
      )}
      <div className={s.acts}>
        <Input
          className={s.noteField}
          size="small"
          value={note}
          maxLength={NOTE_MAX}
          placeholder="Note"
          aria-label={`Note: ${title}`}
          onChange={(_, data) => setNote(data.value)}
        />
        {step.may.map((act) => (
          <Button
            key={act}
            size="small"
            {...(act !== "undo" && act !== "refuse" && { appearance: "primary" as const })}
            disabled={recording.isPending}
            aria-label={`${ACT_WORDS[act].button}: ${title}`}
            onClick={() => send(act)}
          >
            {ACT_WORDS[act].button}
          </Button>
        ))}
      </div>
    </>
  );
}
