"use client";
import { Field, Input, Textarea } from "@fluentui/react-components";
import { fieldProblem } from "./field-problem";
import s from "./reason-fields.module.css";

const DAY_MS = 24 * 60 * 60 * 1000;

/** How long a decision holds that nobody says more about: long enough to be worth asking for, short enough to be looked at again. */
export const FIRST_DAYS = 90;

/** UTC day so many days from now, YYYY-MM-DD. */
export function dayAfter(days: number): string {
  return new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10);
}

interface FieldProps {
  value: string;
  hint?: string;
  problem: string | undefined;
  onChange: (value: string) => void;
}

/** Why somebody decides it. */
export function ReasonField({ value, hint, problem, onChange }: FieldProps) {
  return (
    <Field label="Reason" required {...(hint !== undefined && { hint })} {...fieldProblem(problem)}>
      <Textarea value={value} maxLength={500} onChange={(_, data) => onChange(data.value)} />
    </Field>
  );
}

interface DayFieldProps extends FieldProps {
  label: string;
  /** The last day that can be chosen; left out, any. */
  max?: string;
}

/** A day from today on, UTC. */
export function DayField({ label, value, hint, problem, max, onChange }: DayFieldProps) {
  return (
    <Field label={label} required {...(hint !== undefined && { hint })} {...fieldProblem(problem)}>
      <Input
        className={s.day}
        type="date"
        min={dayAfter(0)}
        {...(max !== undefined && { max })}
        value={value}
        onChange={(_, data) => onChange(data.value)}
      />
    </Field>
  );
}
