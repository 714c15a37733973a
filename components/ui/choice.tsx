"use client";
import { Select } from "@fluentui/react-components";
import s from "./choice.module.css";

interface ChoiceProps {
  name: string;
  all: string;
  chosen: readonly string[];
  options: readonly { value: string; text: string; count: number }[];
  onChoose: (chosen: string[]) => void;
}

const SEVERAL = "several";

/** A filter that takes one of several values or all; an address may name several. */
export function Choice({ name, all, chosen, options, onChoose }: ChoiceProps) {
  const [only] = chosen;
  // A link may name several, or one that the list no longer has.
  const value = chosen.length > 1 ? SEVERAL : (only ?? "");
  const missing = only !== undefined && chosen.length === 1 && !options.some((option) => option.value === only);
  return (
    <div className={s.choice}>
      <Select aria-label={name} value={value} onChange={(_, data) => onChoose(data.value === "" ? [] : [data.value])}>
        <option value="">{all}</option>
        {chosen.length > 1 && <option value={SEVERAL}>{chosen.length} chosen</option>}
        {missing && <option value={only}>{only} (none now)</option>}
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.text} ({option.count})
          </option>
        ))}
      </Select>
    </div>
  );
}
