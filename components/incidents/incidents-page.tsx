"use client";
import { Button } from "@fluentui/react-components";
import { useCallback } from "react";
import { FailureNotice } from "@/components/ui/failure-notice";
import { Page } from "@/components/ui/page";
import { Wait } from "@/components/ui/wait";
import type { News } from "./arrivals";
import { IncidentProblems } from "./incident-problems";
import { newsWords } from "./incident-words";
import s from "./incidents.module.css";
import { IncidentsView } from "./incidents-view";
import { NotifyButton } from "./notify-button";
import { UpdatedAgo } from "./updated-ago";
import { useArrivals, useTabTitle } from "./use-arrivals";
import { type IncidentParameters, useIncidentParameters } from "./use-incident-parameters";
import { useIncidents } from "./use-incidents";

/** Every incident that touched honeytokens raised: the list, kept fresh, and what the touches look like together. */
export function IncidentsPage() {
  const [parameters, setParameters] = useIncidentParameters();
  const incidents = useIncidents(parameters.days);
  const { unseen, arrivals } = useArrivals(incidents.data);
  useTabTitle(unseen.size);
  const change = useCallback(
    (next: Partial<IncidentParameters>) => {
      // The address follows by itself; there is nothing to wait for.
      setParameters(next).catch(() => {});
    },
    [setParameters],
  );
  return (
    <Page
      title="Incidents"
      lead={
        <>
          What touched honeytokens and the log behind them
          {incidents.dataUpdatedAt > 0 && (
            <>
              , <UpdatedAgo key={incidents.dataUpdatedAt} at={new Date(incidents.dataUpdatedAt).toISOString()} />
            </>
          )}
        </>
      }
      actions={<NotifyButton />}
    >
      {incidents.isError && <FailureNotice error={incidents.error} onRetry={() => incidents.refetch()} />}
      {incidents.data && <IncidentProblems problems={incidents.data.problems} />}
      <NewIncidents unseen={unseen} onSeen={arrivals.seeAll} />
      {incidents.isPending && <Wait>Asking the log workspace for incidents</Wait>}
      <IncidentsView
        list={incidents.data}
        parameters={parameters}
        onChange={change}
        unseen={unseen}
        onOpen={arrivals.see}
      />
    </Page>
  );
}

/** Read out when it changes; empty while there is nothing new. */
function NewIncidents({ unseen, onSeen }: { unseen: ReadonlyMap<string, News>; onSeen: () => void }) {
  return (
    <div role="status" className={s.news}>
      {unseen.size > 0 && (
        <>
          {newsWords([...unseen.values()])} since you opened this page.{" "}
          <Button size="small" onClick={onSeen}>
            Mark all seen
          </Button>
        </>
      )}
    </div>
  );
}
