"use client";
import { Select } from "@fluentui/react-components";
import Link from "next/link";
import { parseAsNumberLiteral, useQueryState } from "nuqs";
import { type ReactNode, useId } from "react";
import { SEVERITY_LOOK, STATUS_LOOK } from "@/components/incidents/incident-words";
import type { Plan } from "@/components/plan/plan-dialog";
import { Age } from "@/components/ui/age";
import { FailureNotice } from "@/components/ui/failure-notice";
import { Page } from "@/components/ui/page";
import { Badge } from "@/components/ui/state-badge";
import { Wait } from "@/components/ui/wait";
import { type IncidentView, WINDOW_DEFAULT, WINDOWS } from "@/lib/incidents/incident.pure";
import { Callers } from "./callers";
import { Checklist } from "./checklist";
import { Colleagues } from "./colleagues";
import { Comments } from "./comments";
import { Foreign } from "./foreign";
import s from "./incident.module.css";
import { ManagePanel } from "./manage-panel";
import { ProblemNote } from "./part";
import { Queries } from "./queries";
import { Rotation } from "./rotation";
import { SilentVaults } from "./silent-vaults";
import { Timeline } from "./timeline";
import { type ChangeIncident, type RecordStep, useIncident } from "./use-incident";

interface IncidentPageProps {
  id: string;
  change: ChangeIncident;
  record: RecordStep;
  /** Makes a plan to replace what was touched. */
  plan: Plan;
}

const TRAIL = [{ href: "/incidents", name: "Incidents" }];
const MINUTES = parseAsNumberLiteral(WINDOWS).withDefault(WINDOW_DEFAULT);

/** One incident: what happened, who did it and what else they did, what to do now, and closing it. */
export function IncidentPage({ id, ...actions }: IncidentPageProps) {
  const [minutes, setMinutes] = useQueryState("minutes", MINUTES);
  const incident = useIncident(id, minutes);
  const { data: view } = incident;
  return (
    <Page
      title={view ? `Incident ${view.number}` : "Incident"}
      trail={TRAIL}
      {...(view && {
        badge: (
          <>
            <Badge look={STATUS_LOOK[view.state.status]} />
            <Badge look={SEVERITY_LOOK[view.state.severity]} />
          </>
        ),
        lead: <Lead view={view} />,
      })}
    >
      {incident.isError && (
        <>
          <FailureNotice error={incident.error} onRetry={() => incident.refetch()} />
          {!view && <Link href="/incidents">Go to the incidents</Link>}
        </>
      )}
      {incident.isPending && <Wait>Reading this incident and its logs</Wait>}
      {view && (
        <View view={view} {...actions}>
          <WindowChoice
            minutes={minutes}
            // The address follows by itself; there is nothing to wait for.
            onChange={(next) => void setMinutes(next).catch(() => {})}
          />
        </View>
      )}
    </Page>
  );
}

function Lead({ view }: { view: IncidentView }) {
  return (
    <>
      <Foreign>{view.title}</Foreign>, <Age at={view.createdAt} />
      {view.url && (
        <>
          {" · "}
          <a href={view.url} target="_blank" rel="noreferrer">
            Open in {view.through === "defender" ? "the Defender portal" : "Microsoft Sentinel"}
          </a>
        </>
      )}
    </>
  );
}

type ViewProps = Omit<IncidentPageProps, "id"> & { view: IncidentView; children: ReactNode };

function View({ view, change, record, plan, children }: ViewProps) {
  return (
    <>
      <p className={s.sentence}>
        <Foreign>{view.sentence}</Foreign>
      </p>
      {view.description !== "" && (
        <p>
          <Foreign>{view.description}</Foreign>
        </p>
      )}
      {view.entitiesProblem && (
        <ProblemNote
          title="The entities of this incident could not be read, so callers and vaults may be missing below"
          problem={view.entitiesProblem}
        />
      )}
      <div className={s.columns}>
        <Checklist view={view} record={record} plan={plan} />
        <div className={s.column}>
          <ManagePanel view={view} change={change} />
          <Comments comments={view.comments} />
        </div>
      </div>
      {view.about === "silence" ? (
        <SilentVaults silent={view.silent} at={view.createdAt} />
      ) : (
        <WhatWasDone view={view}>{children}</WhatWasDone>
      )}
      <Queries queries={view.queries} />
    </>
  );
}

/** What the callers did. Nobody did anything in a vault that is silent. */
function WhatWasDone({ view, children }: { view: IncidentView; children: ReactNode }) {
  return (
    <>
      <Timeline view={view}>{children}</Timeline>
      <div className={s.columns}>
        <Rotation reads={view.reads} />
        <div className={s.column}>
          <Callers callers={view.callers} />
          <Colleagues colleagues={view.colleagues} />
        </div>
      </div>
    </>
  );
}

const WINDOW_WORDS: Record<(typeof WINDOWS)[number], string> = {
  15: "15 minutes",
  60: "1 hour",
  240: "4 hours",
  1440: "24 hours",
};

type Minutes = (typeof WINDOWS)[number];

function WindowChoice({ minutes, onChange }: { minutes: Minutes; onChange: (minutes: Minutes) => void }) {
  const id = useId();
  return (
    <span className={s.window}>
      <label htmlFor={id}>Before and after the first touch</label>
      <Select
        id={id}
        size="small"
        value={String(minutes)}
        onChange={(_, data) => onChange(WINDOWS.find((one) => String(one) === data.value) ?? WINDOW_DEFAULT)}
      >
        {WINDOWS.map((one) => (
          <option key={one} value={one}>
            {WINDOW_WORDS[one]}
          </option>
        ))}
      </Select>
    </span>
  );
}
