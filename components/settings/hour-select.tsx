import { Field, Select } from "@fluentui/react-components";
import { fieldProblem } from "@/components/ui/field-problem";
import s from "./settings.module.css";

const HOURS = Array.from({ length: 24 }, (_, hour) => hour);

interface HourSelectProps {
  label: string;
  hint?: string;
  problem?: string | undefined;
  value: number;
  disabled: boolean;
  onChange: (hour: number) => void;
}

/** An hour of the day, UTC. */
export function HourSelect({ label, hint, problem, value, disabled, onChange }: HourSelectProps) {
  return (
    <Field label={label} {...(hint && { hint })} {...fieldProblem(problem)}>
      <Select
        className={s.number}
        value={String(value)}
        disabled={disabled}
        onChange={(_, data) => onChange(Number(data.value))}
      >
        {HOURS.map((hour) => (
          <option key={hour} value={hour}>
            {String(hour).padStart(2, "0")}:00 UTC
          </option>
        ))}
      </Select>
    </Field>
  );
}
