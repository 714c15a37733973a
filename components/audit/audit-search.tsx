"use client";
import { Button, Field, Input, Select } from "@fluentui/react-components";
import { useId } from "react";
import s from "@/components/ui/list-table.module.css";
import { ACTIONS, actionWords } from "@/lib/audit/actions.pure";
import { AuditFilter, AuditFilterFields, RESULTS } from "@/lib/audit/audit.pure";
import own from "./audit.module.css";
import { RESULT_LOOK } from "./result-badge";
import { NO_FILTER } from "./use-audit";

interface AuditSearchProps {
  parameters: AuditFilter;
  onChange: (change: Partial<AuditFilter>) => void;
}

const TEXTS = [
  { name: "person", label: "Person", placeholder: "Name or object id" },
  { name: "action", label: "Action", placeholder: "Type or choose one" },
  { name: "vault", label: "Vault", placeholder: "Name begins with, or id" },
] as const;

const DAYS = [
  { name: "from", label: "From (UTC)" },
  { name: "to", label: "To (UTC)" },
] as const;

/** What is wrong with days, such as a last one before the first; such a day is not asked for. */
function fieldProblems(parameters: AuditFilter): Partial<Record<string, string>> {
  const issues = AuditFilter.safeParse(parameters).error?.issues ?? [];
  return Object.fromEntries(issues.map(({ path, message }) => [String(path[0]), message]));
}

/** The search of the audit trail; all of it is in the address. */
export function AuditSearch({ parameters, onChange }: AuditSearchProps) {
  const { result } = AuditFilterFields.shape;
  const actions = useId();
  const problems = fieldProblems(parameters);
  return (
    <section aria-label="Search the audit trail" className={`${s.toolbar} ${own.search}`}>
      {TEXTS.map(({ name, label, placeholder }) => (
        <Field key={name} label={label} className={own.text}>
          <Input
            type="search"
            maxLength={400}
            autoComplete="off"
            spellCheck={false}
            {...(name === "action" && { list: actions })}
            placeholder={placeholder}
            value={parameters[name]}
            onChange={(_, data) => onChange({ [name]: data.value })}
          />
        </Field>
      ))}
      <datalist id={actions}>
        {ACTIONS.map((one) => (
          <option key={one} value={one}>
            {actionWords(one)}
          </option>
        ))}
      </datalist>
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
        <Field
          key={name}
          label={label}
          className={own.day}
          {...(problems[name] && { validationState: "error", validationMessage: problems[name] })}
        >
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
