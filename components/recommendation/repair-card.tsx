"use client";
import { Button, Field, Input, Textarea } from "@fluentui/react-components";
import { type ChangeEvent, useId, useState } from "react";
import { fieldProblem } from "@/components/ui/field-problem";
import { Card } from "@/components/ui/page";
import {
  FAULT_SENTENCES,
  REMARK_SENTENCES,
  type RepairedTemplate,
  repairTemplate,
  TEMPLATE_LENGTH_MAX,
} from "@/lib/distribution/repair-template.pure";
import { CodeView } from "./code-view";
import s from "./recommendation.module.css";

const TOO_LONG = `It is longer than ${TEMPLATE_LENGTH_MAX.toLocaleString()} characters, so it is no template of a policy.`;

/** Looks a template that somebody has through for the two faults of the one that was first published, in the browser. */
export function RepairCard({ needsReview }: { needsReview: string }) {
  const [text, setText] = useState("");
  const [due, setDue] = useState(needsReview);
  const [problem, setProblem] = useState<string>();
  const [result, setResult] = useState<RepairedTemplate>();
  const file = useId();
  const edit = (next: string) => {
    setText(next);
    setProblem(undefined);
    setResult(undefined);
  };
  const open = async (event: ChangeEvent<HTMLInputElement>) => {
    const [chosen] = event.target.files ?? [];
    event.target.value = "";
    if (!chosen) return;
    // Four bytes a character at most: what is longer is not even read.
    if (chosen.size > 4 * TEMPLATE_LENGTH_MAX) return setProblem(TOO_LONG);
    try {
      edit(await chosen.text());
    } catch {
      setProblem("The browser could not read this file.");
    }
  };
  const look = () => {
    setResult(undefined);
    const outcome = repaired(text, due);
    if (typeof outcome === "string") setProblem(outcome);
    else setResult(outcome);
  };
  return (
    <Card title="Repair a template that you have">
      <div className={s.body}>
        <p className={s.note}>
          An ARM template or a policy definition. The form that was first published flags every tagged vault for ever,
          and its comparison is the wrong way round. Nothing is sent anywhere; your browser does it.
        </p>
        <Field label="Template" {...fieldProblem(problem)}>
          <Textarea
            rows={8}
            resize="vertical"
            spellCheck={false}
            textarea={{ className: s.mono }}
            value={text}
            onChange={(_, data) => edit(data.value)}
          />
        </Field>
        <Field label="Value of the tag while a review is due">
          <Input className={s.short} value={due} onChange={(_, data) => setDue(data.value)} />
        </Field>
        <div className={s.buttons}>
          <Button appearance="primary" disabled={text.trim() === "" || due.trim() === ""} onClick={look}>
            Look it through
          </Button>
          <label className={s.file} htmlFor={file}>
            Open a file
            <input id={file} type="file" accept=".json,application/json" onChange={open} />
          </label>
        </div>
        {result && <Result result={result} />}
      </div>
    </Card>
  );
}

/** The repaired template, or what is wrong with the text. */
function repaired(text: string, needsReview: string): RepairedTemplate | string {
  try {
    return repairTemplate(text, needsReview.trim());
  } catch (error) {
    if (error instanceof SyntaxError) return `This is not JSON: ${error.message}`;
    if (error instanceof RangeError) return text.length > TEMPLATE_LENGTH_MAX ? TOO_LONG : error.message;
    throw error;
  }
}

function Result({ result: { findings, remarks, repaired: template } }: { result: RepairedTemplate }) {
  return (
    <>
      <p role="status" className={s.label}>
        {findings.length === 0
          ? "Neither of the two faults is in it."
          : `${findings.length === 1 ? "One fault was" : `${findings.length} faults were`} repaired.`}
      </p>
      {findings.length > 0 && (
        <ul aria-label="Faults" className={s.list}>
          {findings.map(({ fault, path, before, after }) => (
            <li key={`${path} ${fault}`}>
              {FAULT_SENTENCES[fault]}
              <code className={s.place}>{path}</code>
              <del className={s.place}>{before}</del>
              <ins className={s.place}>{after}</ins>
            </li>
          ))}
        </ul>
      )}
      {remarks.length > 0 && (
        <ul aria-label="Remarks" className={s.list}>
          {remarks.map((remark) => (
            <li key={remark}>{REMARK_SENTENCES[remark]}</li>
          ))}
        </ul>
      )}
      {findings.length > 0 && (
        <CodeView label="Repaired template" text={JSON.stringify(template, null, 2)} file="repaired.json" />
      )}
    </>
  );
}
