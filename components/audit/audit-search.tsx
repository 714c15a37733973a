"use client";
import { Button, Field, Input, Select } from "@fluentui/react-components";
import s from "@/components/ui/list-table.module.css";
import { AuditFilter, RESULTS } from "@/lib/audit/audit.pure";
import own from "./audit.module.css";
import { RESULT_LOOK } from "./result-badge";
import { NO_FILTER } from "./use-audit";

interface AuditSearchProps {
  parameters: AuditFilter;
  onChange: (change: Partial<AuditFilter>) => void;
}

const TEXTS = [
  { name: "person", label: "Person", placeholder: "Name or object id" },
  { name: "action", label: "Action", placeholder: "Such as grant" },
  { name: "vault", label: "Vault", placeholder: "Name begins with, or id" },
] as const;

const DAYS = [
  { name: "from", label: "From (UTC)" },
  { name: "to", label: "To (UTC)" },
] as const;

/** The search of the audit trail; all of it is in the address. */
export function AuditSearch({ parameters, onChange }: AuditSearchProps) {
  const result = AuditFilter.shape.result;
  return (
    <section aria-label="Search the audit trail" className={`${s.toolbar} ${own.search}`}>
      {TEXTS.map(({ name, label, placeholder }) => (
        <Field key={name} label={label} className={own.text}>
          <Input
            type="search"
            maxLength={400}
            autoComplete="off"
            spellCheck={false}
            placeholder={placeholder}
            value={parameters[name]}
            onChange={(_, data) => onChange({ [name]: data.value })}
          />
        </Field>
      ))}
      <Field label="Result" className={own.choice}>
        <Select value={parameters.result} onChange={(_, data) => onChange({ result: result.parse(data.value) })}>
          <option value="">Any</option>
          {RESULTS.map((one) => (
            <option key={one} value={one}>
              {RESULT_LOOK[one].word}
            </option>
          ))}
        </Select>
      </Field>
      {DAYS.map(({ name, label }) => (
        <Field key={name} label={label} className={own.day}>
          <Input type="date" value={parameters[name]} onChange={(_, data) => onChange({ [name]: data.value })} />
        </Field>
      ))}
      {Object.values(parameters).some((value) => value !== "") && (
        <Button appearance="subtle" onClick={() => onChange(NO_FILTER)}>
          Clear
        </Button>
      )}
    </section>
  );
}
