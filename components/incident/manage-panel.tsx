"use client";
import { Button, Field, Input, Select, Textarea } from "@fluentui/react-components";
import { type FormEvent, useState } from "react";
import { toFailure } from "@/components/api/api-error";
import { useAction } from "@/components/api/use-action";
import { FailureNotice } from "@/components/ui/failure-notice";
import { fieldProblem } from "@/components/ui/field-problem";
import { Notice, Sentences } from "@/components/ui/notice";
import { Card } from "@/components/ui/page";
import {
  CLOSING_COMMENT_MAX,
  COMMENT_MAX,
  IncidentChange,
  type IncidentState,
  SEVERITIES,
  STATUSES,
} from "@/lib/incidents/change.pure";
import type { IncidentView } from "@/lib/incidents/incident.pure";
import { changeFrom, type Draft, differenceWords, type OwnerChoice } from "./draft";
import { Foreign, ForeignLines } from "./foreign";
import s from "./incident.module.css";
import { ownerWords, VERDICTS, verdictOf } from "./incident-words";
import { ProblemNote } from "./part";
import { type ChangeIncident, useRefreshIncident } from "./use-incident";

/**
 * Status, owner, severity, classification and a comment, written to where the incident is kept. What somebody else changed
 * while the person was deciding is shown before it is written over.
 */
export function ManagePanel({ view, change }: { view: IncidentView; change: ChangeIncident }) {
  const [draft, setDraft] = useState<Draft>({});
  const [seen, setSeen] = useState(view.state);
  const [problems, setProblems] = useState<Record<string, string>>({});
  const refresh = useRefreshIncident();
  const isDirty = Object.keys(draft).length > 0;
  const decidedOn = isDirty ? seen : view.state;
  const isOutdated = decidedOn.etag !== view.state.etag;
  const saving = useAction(change, async ({ commentProblem }) => {
    // What was not written stays in the form.
    setDraft(commentProblem && draft.comment !== undefined ? { comment: draft.comment } : {});
    await refresh();
  });
  const edit = (next: Draft) => {
    if (!isDirty) setSeen(view.state);
    setDraft({ ...draft, ...next });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const parsed = IncidentChange.safeParse(changeFrom(draft, decidedOn, view.me));
    setProblems(parsed.success ? {} : problemsOf(parsed.error.issues));
    if (!parsed.success) return;
    saving.mutate(
      { id: view.id, etag: decidedOn.etag, change: parsed.data },
      { onError: (error) => toFailure(error).code === "conflict" && void refresh() },
    );
  };
  return (
    <Card title="Manage">
      {view.stateProblem && (
        <ProblemNote
          title="The Defender portal keeps this incident and could not be asked"
          problem={view.stateProblem}
        />
      )}
      <Standing state={view.state} />
      <form onSubmit={submit} noValidate className={s.form}>
        <Fields draft={draft} state={decidedOn} problems={problems} onEdit={edit} />
        {isOutdated && (
          <Notice
            urgent
            intent="warning"
            title="It changed in the meantime"
            actions={<Button onClick={() => setSeen(view.state)}>I have seen it, keep my entries</Button>}
          >
            <Sentences all={differenceWords(decidedOn, view.state)} />
          </Notice>
        )}
        {saving.isError && !isOutdated && <FailureNotice error={saving.error} />}
        {saving.data?.commentProblem && isDirty && (
          <Notice urgent intent="warning" title="The comment is not there">
            {[saving.data.commentProblem.message, saving.data.commentProblem.fix].filter(Boolean).join(" ")}
          </Notice>
        )}
        <div className={s.acts}>
          <Button
            type="submit"
            appearance="primary"
            disabled={!isDirty || isOutdated || saving.isPending || view.stateProblem !== null}
          >
            {saving.isPending ? "Saving…" : "Save"}
          </Button>
          {isDirty && (
            <Button
              onClick={() => {
                setDraft({});
                setProblems({});
                saving.reset();
              }}
            >
              Discard
            </Button>
          )}
          <span role="status" className={s.second}>
            {saving.isSuccess && !isDirty ? "Saved" : ""}
          </span>
        </div>
      </form>
    </Card>
  );
}

function Standing({ state }: { state: IncidentState }) {
  const verdict = verdictOf(state);
  return (
    <dl className={s.facts}>
      <div>
        <dt>Owner</dt>
        <dd>
          <Foreign>{ownerWords(state)}</Foreign>
        </dd>
      </div>
      {verdict && (
        <div>
          <dt>Classification</dt>
          <dd>
            {verdict.words}
            {state.classificationComment && (
              <span className={s.second}>
                <ForeignLines>{state.classificationComment}</ForeignLines>
              </span>
            )}
          </dd>
        </div>
      )}
      {state.labels.length > 0 && (
        <div>
          <dt>Labels</dt>
          <dd>
            <Foreign>{state.labels.join(", ")}</Foreign>
          </dd>
        </div>
      )}
    </dl>
  );
}

interface FieldsProps {
  draft: Draft;
  state: IncidentState;
  problems: Record<string, string>;
  onEdit: (next: Draft) => void;
}

function Fields({ draft, state, problems, onEdit }: FieldsProps) {
  const status = draft.status ?? state.status;
  return (
    <>
      <div className={s.pair}>
        <Choice label="Status" value={status} words={STATUSES} onChange={(next) => onEdit({ status: next })} />
        <Choice
          label="Severity"
          value={draft.severity ?? state.severity}
          words={SEVERITIES}
          onChange={(next) => onEdit({ severity: next })}
        />
      </div>
      <OwnerFields draft={draft} problem={problems.owner} onEdit={onEdit} />
      {status === "Closed" && (
        <>
          <Field label="It was" required {...fieldProblem(problems.classification ?? problems.classificationReason)}>
            <Select
              value={draft.verdict ?? verdictOf(state)?.key ?? ""}
              onChange={(_, data) => onEdit({ verdict: data.value })}
            >
              <option value="" disabled>
                Choose
              </option>
              {VERDICTS.map(({ key, words }) => (
                <option key={key} value={key}>
                  {words}
                </option>
              ))}
            </Select>
          </Field>
          <Field label="Why" {...fieldProblem(problems.classificationComment)}>
            <Textarea
              value={draft.verdictComment ?? ""}
              maxLength={CLOSING_COMMENT_MAX}
              onChange={(_, data) => onEdit({ verdictComment: data.value })}
            />
          </Field>
        </>
      )}
      <Field label="Add a comment" {...fieldProblem(problems.comment)}>
        <Textarea
          value={draft.comment ?? ""}
          maxLength={COMMENT_MAX}
          onChange={(_, data) => onEdit({ comment: data.value })}
        />
      </Field>
      {problems[""] && <p role="alert">{problems[""]}</p>}
    </>
  );
}

const OWNER_WORDS: Record<OwnerChoice, string> = {
  keep: "No change",
  me: "Me",
  other: "Another person",
  nobody: "Nobody",
};
const OWNER_CHOICES: readonly OwnerChoice[] = ["keep", "me", "other", "nobody"];

function OwnerFields({
  draft,
  problem,
  onEdit,
}: Pick<FieldsProps, "draft" | "onEdit"> & { problem: string | undefined }) {
  return (
    <div className={s.pair}>
      <Field label="Owner">
        <Select
          value={draft.owner ?? "keep"}
          onChange={(_, data) => onEdit({ owner: OWNER_CHOICES.find((one) => one === data.value) ?? "keep" })}
        >
          {OWNER_CHOICES.map((one) => (
            <option key={one} value={one}>
              {OWNER_WORDS[one]}
            </option>
          ))}
        </Select>
      </Field>
      {draft.owner === "other" && (
        <Field label="Their sign-in name" required {...fieldProblem(problem)}>
          <Input
            type="email"
            value={draft.upn ?? ""}
            maxLength={256}
            onChange={(_, data) => onEdit({ upn: data.value })}
          />
        </Field>
      )}
    </div>
  );
}

interface ChoiceProps<Word extends string> {
  label: string;
  value: Word;
  words: readonly Word[];
  onChange: (word: Word) => void;
}

function Choice<Word extends string>({ label, value, words, onChange }: ChoiceProps<Word>) {
  return (
    <Field label={label}>
      <Select value={value} onChange={(_, data) => onChange(words.find((word) => word === data.value) ?? value)}>
        {words.map((word) => (
          <option key={word} value={word}>
            {word}
          </option>
        ))}
      </Select>
    </Field>
  );
}

function problemsOf(issues: readonly { path: readonly PropertyKey[]; message: string }[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const { path, message } of issues) found[String(path[0] ?? "")] ??= message;
  return found;
}
