"use client";
import { Field, Radio, RadioGroup, Select } from "@fluentui/react-components";
import { useState } from "react";
import { useBoard } from "@/components/api/use-board";
import { useVault } from "@/components/api/use-vault";
import { FailureNotice } from "@/components/ui/failure-notice";
import { fieldProblem } from "@/components/ui/field-problem";
import { Wait } from "@/components/ui/wait";
import { parseVaultId, type VaultId, vaultIdParts } from "@/lib/azure/resource-id.pure";
import type { ExceptionScope } from "@/lib/detection/alert-exceptions.pure";
import s from "./alert-exceptions.module.css";

interface ScopeFieldsProps {
  value: ExceptionScope | undefined;
  problem: string | undefined;
  onChange: (scope: ExceptionScope | undefined) => void;
}

const LEVELS = [
  ["everywhere", "Everywhere"],
  ["vault", "One vault"],
  ["decoy", "One honeytoken"],
] as const;

/** Where an exception holds: the narrower the better. */
export function ScopeFields({ value, problem, onChange }: ScopeFieldsProps) {
  const [level, setLevel] = useState<string>(value?.level ?? "vault");
  const [vaultId, setVaultId] = useState(value?.level === "vault" ? value.vaultId : "");
  const choose = (next: string) => {
    setLevel(next);
    if (next === "everywhere") onChange({ level: "everywhere" });
    else onChange(next === "vault" && vaultId !== "" ? { level: "vault", vaultId } : undefined);
  };
  const chooseVault = (id: string) => {
    setVaultId(id);
    onChange(level === "vault" && id !== "" ? { level: "vault", vaultId: id } : undefined);
  };
  const vault = parseVaultId(vaultId);
  return (
    <>
      <Field label="Where" {...(level === "everywhere" && fieldProblem(problem))}>
        <RadioGroup layout="horizontal" value={level} onChange={(_, data) => choose(data.value)}>
          {LEVELS.map(([one, label]) => (
            <Radio key={one} value={one} label={label} />
          ))}
        </RadioGroup>
      </Field>
      {level !== "everywhere" && (
        <VaultField value={vaultId} problem={level === "vault" ? problem : undefined} onChange={chooseVault} />
      )}
      {level === "decoy" && vault && (
        <DecoyField
          key={vault}
          vault={vault}
          chosen={value?.level === "decoy" ? value.decoyId : ""}
          problem={problem}
          onChange={(decoyId) => onChange(decoyId === "" ? undefined : { level: "decoy", decoyId })}
        />
      )}
      {level === "decoy" && !vault && problem !== undefined && (
        <p role="alert" className={s.problem}>
          {problem}
        </p>
      )}
    </>
  );
}

interface VaultFieldProps {
  value: string;
  problem: string | undefined;
  onChange: (vaultId: string) => void;
}

function VaultField({ value, problem, onChange }: VaultFieldProps) {
  const board = useBoard();
  if (board.isError) return <FailureNotice error={board.error} onRetry={() => board.refetch()} />;
  if (!board.data) return <Wait>Asking Azure for the vaults</Wait>;
  const vaults = board.data.vaults.toSorted((a, b) => a.name.localeCompare(b.name));
  return (
    <Field label="Vault" required {...fieldProblem(problem)}>
      <Select value={value} onChange={(_, data) => onChange(data.value)}>
        <option value="">Choose one</option>
        {vaults.map(({ id, name, resourceGroup }) => (
          <option key={id} value={id}>
            {name} ({resourceGroup})
          </option>
        ))}
      </Select>
    </Field>
  );
}

interface DecoyFieldProps {
  vault: VaultId;
  chosen: string;
  problem: string | undefined;
  onChange: (decoyId: string) => void;
}

function DecoyField({ vault, chosen, problem, onChange }: DecoyFieldProps) {
  const { subscriptionId, resourceGroup, name } = vaultIdParts(vault);
  const detail = useVault({ subscription: subscriptionId, group: resourceGroup, name });
  if (detail.isError) return <FailureNotice error={detail.error} onRetry={() => detail.refetch()} />;
  if (!detail.data) return <Wait>Reading the vault's honeytokens</Wait>;
  const decoys = (detail.data.decoys ?? []).filter(({ state }) => state === "live" || state === "retiring");
  return (
    <Field
      label="Honeytoken"
      required
      {...(decoys.length === 0 && { hint: "This vault has none." })}
      {...fieldProblem(problem)}
    >
      <Select value={chosen} onChange={(_, data) => onChange(data.value)}>
        <option value="">Choose one</option>
        {decoys.map(({ id, name: decoy }) => (
          <option key={id} value={id}>
            {decoy}
          </option>
        ))}
      </Select>
    </Field>
  );
}
