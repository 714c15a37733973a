"use client";
import { Check } from "@/components/ui/check";
import type { DeploymentSettings } from "@/lib/settings/settings.pure";
import { GroupForm } from "./group-form";
import { HourSelect } from "./hour-select";
import s from "./settings.module.css";
import { NumberField } from "./text-field";
import { type GroupProps, numberIn, useGroupForm } from "./use-settings";

/** Office hours: what most who switch this on will want to keep free. */
const FIRST_HOURS = { from: 8, to: 18 };

const draftOf = ({ approvalAboveVaults, defaultSpreadHours, refuseHours, timeBoundRoles }: DeploymentSettings) => ({
  timeBoundRoles,
  approvalAboveVaults: String(approvalAboveVaults),
  defaultSpreadHours: String(defaultSpreadHours),
  refuse: refuseHours !== null,
  hours: refuseHours ?? FIRST_HOURS,
});

const settingsIn = (draft: ReturnType<typeof draftOf>) => ({
  approvalAboveVaults: numberIn(draft.approvalAboveVaults),
  defaultSpreadHours: numberIn(draft.defaultSpreadHours),
  refuseHours: draft.refuse ? draft.hours : null,
  timeBoundRoles: draft.timeBoundRoles,
});

/** What holds for deployments over many vaults. */
export function DeploymentForm(props: GroupProps<"deployments">) {
  const form = useGroupForm("deployments", props, draftOf, settingsIn);
  const { draft, problems, edit } = form;
  const { hours } = draft;
  const disabled = !props.mayChange;
  return (
    <GroupForm title="Deployments over many vaults" changed={props.changed} mayChange={props.mayChange} form={form}>
      <NumberField
        label="A second administrator approves above"
        hint="Removing or replacing the honeytokens of all vaults always needs an approval."
        unit="vaults"
        problem={problems.approvalAboveVaults}
        value={draft.approvalAboveVaults}
        disabled={disabled}
        onChange={(approvalAboveVaults) => edit({ approvalAboveVaults })}
      />
      <NumberField
        label="Spread the writing over"
        hint="Unless the person who asks says otherwise. 0 writes as fast as Azure allows."
        unit="hours"
        problem={problems.defaultSpreadHours}
        value={draft.defaultSpreadHours}
        disabled={disabled}
        onChange={(defaultSpreadHours) => edit({ defaultSpreadHours })}
      />
      <Check
        label="Use time-bound role assignments (needs Microsoft Entra ID P2)"
        checked={draft.timeBoundRoles}
        onChange={(timeBoundRoles) => edit({ timeBoundRoles })}
      />
      <Check label="Start none in certain hours" checked={draft.refuse} onChange={(refuse) => edit({ refuse })} />
      {draft.refuse && (
        <div className={s.pair}>
          <HourSelect
            label="From"
            value={hours.from}
            disabled={disabled}
            onChange={(from) => edit({ hours: { ...hours, from } })}
          />
          <HourSelect
            label="To"
            problem={problems["refuseHours.to"]}
            value={hours.to}
            disabled={disabled}
            onChange={(to) => edit({ hours: { ...hours, to } })}
          />
        </div>
      )}
    </GroupForm>
  );
}
