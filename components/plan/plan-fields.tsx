import { Field, Input, Radio, RadioGroup, Select } from "@fluentui/react-components";
import { Check } from "@/components/ui/check";
import { formatNumber } from "@/components/ui/plural";
import { FleetRequest, SPREAD_HOURS_MAX } from "@/lib/deployments/fleet.pure";
import { DECOYS_PER_VAULT_MAX } from "@/lib/deployments/plan.pure";
import type { Operation } from "@/lib/deployments/views.pure";
import s from "./plan-dialog.module.css";
import { usePlanDefaults } from "./use-plan-defaults";

export interface PlanChoices {
  kind: FleetRequest["kind"];
  /** Null = as the settings say, or as many as are replaced. */
  count: number | null;
  addToExisting: boolean;
  /** As typed; empty = as the settings say. */
  spreadHours: string;
  acceptUnknownReaders: boolean;
  /** Further versions over time. */
  history: boolean;
}

export const DEFAULT_CHOICES: PlanChoices = {
  kind: "auto",
  count: null,
  addToExisting: false,
  spreadHours: "",
  acceptUnknownReaders: false,
  history: false,
};

const KINDS: Record<FleetRequest["kind"], { word: string; says: string }> = {
  auto: { word: "Automatic", says: "A secret, but a key where an application loads every secret." },
  secret: { word: "Secrets", says: "They look like passwords and connection strings, which attackers want most." },
  key: { word: "Keys", says: "They disturb no application that loads every secret of its vault." },
};

/** A replacement is of the kind that it replaces, unless another is asked for. */
const KINDS_TO_REPLACE: typeof KINDS = {
  ...KINDS,
  auto: { word: "The same", says: "Of the kind of those that it replaces." },
};

const COUNTS = Array.from({ length: DECOYS_PER_VAULT_MAX }, (_, index) => index + 1);

/** What an empty field of hours comes to. */
function emptySays(hours: number | undefined): string {
  return hours === undefined ? "Empty = as the settings say." : `Empty = as the settings say, which is ${hours} now.`;
}

interface PlanFieldsProps {
  operation: Operation;
  choices: PlanChoices;
  /** What cannot be sent as it is, by the name of the field. */
  problem: { field: string; message: string } | null;
  onChange: (choices: PlanChoices) => void;
}

/** How it is to be done; removing asks for less than planting. */
export function PlanFields({ operation, choices, problem, onChange }: PlanFieldsProps) {
  const { kind, count, addToExisting, spreadHours, acceptUnknownReaders, history } = choices;
  const usual = usePlanDefaults();
  const change = (next: Partial<PlanChoices>) => onChange({ ...choices, ...next });
  return (
    <>
      {operation !== "retire" && (
        <>
          <Field label="Kind">
            <RadioGroup
              value={kind}
              onChange={(_, data) => change({ kind: FleetRequest.shape.kind.parse(data.value) })}
            >
              {Object.entries(operation === "replace" ? KINDS_TO_REPLACE : KINDS).map(([value, { word, says }]) => (
                <Radio
                  key={value}
                  value={value}
                  label={
                    <>
                      {word}
                      <span className={s.says}>{says}</span>
                    </>
                  }
                />
              ))}
            </RadioGroup>
          </Field>
          <Field label="How many in each vault">
            <Select
              className={s.count}
              value={count === null ? "" : String(count)}
              onChange={(_, data) => change({ count: data.value === "" ? null : Number(data.value) })}
            >
              <option value="">{operation === "replace" ? "As many as are replaced" : "As the settings say"}</option>
              {COUNTS.map((number) => (
                <option key={number} value={number}>
                  {number}
                </option>
              ))}
            </Select>
          </Field>
        </>
      )}
      <Field
        label="Spread over hours"
        hint={`${emptySays(usual?.spreadHours)} 0 = as fast as Azure allows. Up to ${formatNumber(SPREAD_HOURS_MAX)} (half a year), ${operation === "retire" ? "at random moments" : "at moments that fit each vault"}: the longer, the less the times show.`}
        {...(problem?.field === "spreadHours" && {
          validationState: "error",
          validationMessage: `Give whole hours from 0 to ${formatNumber(SPREAD_HOURS_MAX)}.`,
        })}
      >
        <Input
          className={s.count}
          inputMode="numeric"
          autoComplete="off"
          value={spreadHours}
          onChange={(_, data) => change({ spreadHours: data.value })}
        />
      </Field>
      {operation !== "retire" && (
        <div className={s.checks}>
          {operation === "plant" && (
            <Check
              label="Also where a working honeytoken is already"
              checked={addToExisting}
              onChange={(chosen) => change({ addToExisting: chosen })}
            />
          )}
          <Check
            label="Write further versions later, as each vault's own secrets and keys get them"
            checked={history}
            onChange={(chosen) => change({ history: chosen })}
          />
          {kind !== "key" && (
            <Check
              label="Secrets also where too few days of log are there to say who reads; I take that risk"
              checked={acceptUnknownReaders}
              onChange={(chosen) => change({ acceptUnknownReaders: chosen })}
            />
          )}
        </div>
      )}
    </>
  );
}
