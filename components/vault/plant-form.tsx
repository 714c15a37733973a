"use client";
import { Button, Field, Input, Radio, RadioGroup, Select } from "@fluentui/react-components";
import { type FormEvent, useState } from "react";
import { DECOYS_PER_VAULT_MAX, DecoyKind, PlantRequest } from "@/lib/deployments/plan.pure";
import s from "./plant.module.css";

interface PlantFormProps {
  vaultId: string;
  /** Administrators may choose the name of a single honeytoken. */
  mayName: boolean;
  initial: PlantRequest | null;
  onPreview: (request: PlantRequest) => void;
}

const COUNTS = Array.from({ length: DECOYS_PER_VAULT_MAX }, (_, index) => index + 1);

/** What to plant. Nothing is written before the preview is confirmed. */
export function PlantForm({ vaultId, mayName, initial, onPreview }: PlantFormProps) {
  const [kind, setKind] = useState<DecoyKind>(initial?.kind ?? "secret");
  const [count, setCount] = useState(initial?.count ?? 1);
  const [name, setName] = useState(initial?.name ?? "");
  const [nameProblem, setNameProblem] = useState<string | null>(null);
  const namable = mayName && count === 1;

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const chosen = name.trim();
    const request = PlantRequest.safeParse({ vaultId, kind, count, ...(namable && chosen && { name: chosen }) });
    if (request.success) onPreview(request.data);
    else setNameProblem(request.error.issues.find((issue) => issue.path[0] === "name")?.message ?? null);
  };

  return (
    <form className={s.form} onSubmit={submit} noValidate>
      <Field label="Kind">
        <RadioGroup value={kind} onChange={(_, data) => setKind(DecoyKind.parse(data.value))}>
          <Radio value="secret" label="Secret: looks like a password or a connection string" />
          <Radio value="key" label="Key: safe where an application loads every secret" />
        </RadioGroup>
      </Field>
      <Field label="How many">
        <Select
          className={s.count}
          value={String(count)}
          onChange={(_, data) => {
            setCount(Number(data.value));
            setNameProblem(null);
          }}
        >
          {COUNTS.map((number) => (
            <option key={number} value={number}>
              {number}
            </option>
          ))}
        </Select>
      </Field>
      {mayName && (
        <Field
          label="Name"
          hint={
            namable
              ? "Leave it empty and a name is chosen that fits the other names in this vault."
              : "A name can be chosen only for a single honeytoken; these get fitting names."
          }
          {...(namable && nameProblem && { validationMessage: nameProblem, validationState: "error" })}
        >
          <Input
            value={namable ? name : ""}
            disabled={!namable}
            autoComplete="off"
            spellCheck={false}
            onChange={(_, data) => {
              setName(data.value);
              setNameProblem(null);
            }}
          />
        </Field>
      )}
      <Button type="submit" appearance="primary">
        Preview the steps
      </Button>
    </form>
  );
}
