import { Field, Input, Textarea } from "@fluentui/react-components";
import { fieldProblem } from "@/components/ui/field-problem";
import s from "./settings.module.css";

interface TextFieldProps {
  label: string;
  hint?: string;
  problem: string | undefined;
  value: string;
  /** What stands behind the field, like a unit. */
  unit?: string;
  disabled: boolean;
  onChange: (value: string) => void;
}

/** A number with its unit, and what is wrong with it. It is typed as text, so that nothing is changed under the fingers. */
export function NumberField({ label, hint, problem, value, unit, disabled, onChange }: TextFieldProps) {
  return (
    <Field label={label} {...(hint && { hint })} {...fieldProblem(problem)}>
      <Input
        className={s.number}
        inputMode="numeric"
        autoComplete="off"
        value={value}
        disabled={disabled}
        {...(unit && { contentAfter: unit })}
        onChange={(_, data) => onChange(data.value)}
      />
    </Field>
  );
}

/** Words, separated by spaces, commas or lines. */
export function WordsField({ label, hint, problem, value, disabled, onChange }: TextFieldProps) {
  return (
    <Field label={label} {...(hint && { hint })} {...fieldProblem(problem)}>
      <Textarea
        resize="vertical"
        spellCheck={false}
        value={value}
        disabled={disabled}
        onChange={(_, data) => onChange(data.value)}
      />
    </Field>
  );
}
