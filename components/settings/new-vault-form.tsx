"use client";
import { Field, Radio, RadioGroup } from "@fluentui/react-components";
import { NewVaultSettings } from "@/lib/settings/settings.pure";
import { GroupForm } from "./group-form";
import { HourSelect } from "./hour-select";
import { type GroupProps, useGroupForm } from "./use-settings";

const PLANS: Record<NewVaultSettings["nightlyPlan"], string> = {
  off: "Nothing: somebody plants by hand",
  wait: "A plan is made each night and waits for an administrator",
  carry_out: "A plan is made each night and carried out by itself",
};

const plan = NewVaultSettings.shape.nightlyPlan;
const same = (value: NewVaultSettings) => value;

/** What happens to vaults that nobody has planted in yet. */
export function NewVaultForm(props: GroupProps<"newVaults">) {
  const form = useGroupForm("newVaults", props, same, same);
  const { draft, problems, edit } = form;
  const disabled = !props.mayChange;
  return (
    <GroupForm title="New vaults" changed={props.changed} mayChange={props.mayChange} form={form}>
      <Field label="What happens to a new vault">
        <RadioGroup
          value={draft.nightlyPlan}
          disabled={disabled}
          onChange={(_, data) => edit({ nightlyPlan: plan.parse(data.value) })}
        >
          {Object.entries(PLANS).map(([value, words]) => (
            <Radio key={value} value={value} label={words} />
          ))}
        </RadioGroup>
      </Field>
      {draft.nightlyPlan !== "off" && (
        <HourSelect
          label="When the plan is made"
          problem={problems.hour}
          value={draft.hour}
          disabled={disabled}
          onChange={(hour) => edit({ hour })}
        />
      )}
    </GroupForm>
  );
}
