"use client";
import { Field, Input } from "@fluentui/react-components";
import { useState } from "react";
import { formatNumber, plural } from "@/components/ui/plural";
import s from "./deployment.module.css";

/** More than any number of vaults needs, with its separators; the field's message repeats what was typed. */
const TYPED_MAX = 20;

/** The number of vaults as a person typed it; `expected` null asks for none. */
export function useTypedNumber(expected: number | null) {
  const [typed, setTyped] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const onChange = (next: string) => {
    setTyped(next);
    setProblem(null);
  };
  /** Whether it is the number; else the field says what is wrong with it. */
  const isRight = () => {
    const wrong = expected === null ? null : wrongNumber(typed, expected);
    setProblem(wrong);
    return wrong === null;
  };
  return { expected, typed, problem, onChange, isRight };
}

/** Asks for the number of vaults where many are meant; else it is not there. */
export function TypedNumber({ number }: { number: ReturnType<typeof useTypedNumber> }) {
  const { expected, typed, problem, onChange } = number;
  if (expected === null) return null;
  return (
    <Field
      className={s.number}
      label={`Type the number of vaults, ${formatNumber(expected)}`}
      {...(problem !== null && { validationState: "error", validationMessage: problem })}
    >
      <Input
        className={s.typed}
        inputMode="numeric"
        autoComplete="off"
        maxLength={TYPED_MAX}
        value={typed}
        onChange={(_, data) => onChange(data.value)}
      />
    </Field>
  );
}

/** What is wrong with what was typed; null when it is the number. Separators of thousands do not count. */
function wrongNumber(typed: string, expected: number): string | null {
  const digits = typed.replaceAll(/[\s.,'’]/g, "");
  if (digits === String(expected)) return null;
  const wanted = `This is for ${plural(expected, "vault")}: type ${expected}.`;
  if (digits === "") return wanted;
  return /^\d+$/.test(digits) ? `You typed ${digits}. ${wanted}` : `That is not a number. ${wanted}`;
}
