"use client";
import { GroupForm } from "@/components/settings/group-form";
import { NumberField } from "@/components/settings/text-field";
import { type GroupProps, numberIn, useGroupForm } from "@/components/settings/use-settings";
import type { DrillSettings } from "@/lib/drills/drills.pure";

const toDraft = ({ everyDays, dailyMax }: DrillSettings) => ({
  everyDays: String(everyDays),
  dailyMax: String(dailyMax),
});
const toValue = (draft: ReturnType<typeof toDraft>) => ({
  everyDays: numberIn(draft.everyDays),
  dailyMax: numberIn(draft.dailyMax),
});

/** How often the product drills each protected vault by itself, and how many a day at most. */
export function ScheduleForm(props: GroupProps<"drills">) {
  const form = useGroupForm("drills", props, toDraft, toValue);
  const { draft, problems, edit } = form;
  const disabled = !props.mayChange;
  return (
    <GroupForm title="Schedule" changed={props.changed} mayChange={props.mayChange} form={form}>
      <NumberField
        label="Drill each protected vault every"
        hint="0 = never by itself. Each vault has its own time in this period, so that nobody can foresee it. Exempt and excluded vaults are left out."
        unit="days"
        problem={problems.everyDays}
        value={draft.everyDays}
        disabled={disabled}
        onChange={(everyDays) => edit({ everyDays })}
      />
      <NumberField
        label="At most a day"
        unit="drills"
        problem={problems.dailyMax}
        value={draft.dailyMax}
        disabled={disabled}
        onChange={(dailyMax) => edit({ dailyMax })}
      />
    </GroupForm>
  );
}
