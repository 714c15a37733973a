"use client";
import { type ChangeSettings, useSettings } from "@/components/settings/use-settings";
import { EmptyState } from "@/components/ui/empty-state";
import { FailureNotice } from "@/components/ui/failure-notice";
import { LeftOut } from "@/components/ui/left-out";
import { Notice } from "@/components/ui/notice";
import { Card, Page } from "@/components/ui/page";
import { formatNumber, plural } from "@/components/ui/plural";
import { Wait } from "@/components/ui/wait";
import type { FleetDrills } from "@/lib/drills/drills.pure";
import { DrillTable } from "./drill-table";
import s from "./drills.module.css";
import { ScheduleForm } from "./schedule-form";
import { StageTimesCard } from "./stage-times";
import { useFleetDrills } from "./use-drills";

const TRAIL = [{ href: "/setup", name: "Set-up" }];

/** Drills over the whole fleet: what runs, how often, what they showed and how long it took. */
export function DrillsPage({ change }: { change: ChangeSettings }) {
  const drills = useFleetDrills();
  return (
    <Page
      title="Drills"
      lead="Touches made on purpose, followed to their incident. Start them on a vault's page, or for many on the board."
      trail={TRAIL}
    >
      {drills.isError && <FailureNotice error={drills.error} onRetry={() => drills.refetch()} />}
      {drills.isPending && <Wait>Reading the drills</Wait>}
      {drills.data && <Drills data={drills.data} change={change} />}
    </Page>
  );
}

function Drills({ data, change }: { data: FleetDrills; change: ChangeSettings }) {
  const { running, runningCount, ended, times, days } = data;
  return (
    <>
      {data.refusal !== null && (
        <Notice intent="warning" title="No drill can be made">
          {data.refusal}
        </Notice>
      )}
      <LeftOut vaults={data.vaultsLeftOut} />
      <div className={s.columns}>
        <div className={s.column}>
          {runningCount > 0 && (
            <Card title={`${plural(runningCount, "drill")} under way`}>
              <DrillTable drills={running} caption="Drills under way" />
              {runningCount > running.length && (
                <p className={s.none}>The first {formatNumber(running.length)} are shown.</p>
              )}
            </Card>
          )}
          {ended.length > 0 ? (
            <>
              <StageTimesCard times={times} days={days} />
              <Card title="Last results">
                <DrillTable drills={ended} caption="Last results" />
              </Card>
            </>
          ) : (
            runningCount === 0 && (
              <EmptyState title="No drill has been made yet">
                A drill proves that touching a honeytoken raises an incident, and tells how long that takes.
              </EmptyState>
            )
          )}
        </div>
        <Schedule schedule={data.schedule} change={change} />
      </div>
    </>
  );
}

function Schedule({ schedule, change }: { schedule: FleetDrills["schedule"]; change: ChangeSettings }) {
  const settings = useSettings();
  const { data } = settings;
  return (
    <div className={s.column}>
      {settings.isError && <FailureNotice error={settings.error} onRetry={() => settings.refetch()} />}
      {data && (
        <ScheduleForm
          saved={data.settings.drills}
          changed={data.changed.drills}
          mayChange={data.mayChange}
          change={change}
          reload={async () => (await settings.refetch()).data}
        />
      )}
      <p className={s.note}>
        {formatNumber(schedule.startedToday)} of {formatNumber(schedule.dailyMax)} were started by the schedule today
        (UTC).
      </p>
    </div>
  );
}
