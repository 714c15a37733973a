"use client";
import { Button } from "@fluentui/react-components";
import { ArrowDownloadRegular } from "@fluentui/react-icons";
import { EmptyState } from "@/components/ui/empty-state";
import { FailureNotice } from "@/components/ui/failure-notice";
import { Notice, Sentences } from "@/components/ui/notice";
import { Page } from "@/components/ui/page";
import { saveFile } from "@/components/ui/save-file";
import { Wait } from "@/components/ui/wait";
import { toCsv } from "@/lib/csv.pure";
import { CSV_COLUMNS, csvFields, type OutcomeDay } from "@/lib/outcomes/outcomes.pure";
import { OutcomeFiguresList } from "./figures";
import s from "./outcomes.module.css";
import { Trend } from "./trend";
import { useOutcomes } from "./use-outcomes";

/** What the honeytokens have come to: how much is proven, how fast, at what cost, and what is burnt. */
export function OutcomesPage() {
  const outcomes = useOutcomes();
  const days = outcomes.data?.days ?? [];
  return (
    <Page
      title="Outcomes"
      lead="How much is proven, how fast a touch is seen, and how often it was nobody's fault."
      actions={days.length > 0 && <Export days={days} />}
    >
      {outcomes.isError && <FailureNotice error={outcomes.error} onRetry={() => outcomes.refetch()} />}
      {outcomes.isPending && <Wait>Reading the outcomes</Wait>}
      {outcomes.data && <Outcomes days={days} />}
    </Page>
  );
}

function Outcomes({ days }: { days: readonly OutcomeDay[] }) {
  const newest = days.at(-1);
  if (!newest) {
    return (
      <EmptyState title="Nothing has been counted yet">
        The first figures are counted within two minutes of the start. This page shows them by itself.
      </EmptyState>
    );
  }
  const { problems } = newest.figures;
  return (
    <>
      {problems.length > 0 && (
        <Notice intent="warning" title="Some figures are unknown">
          <Sentences all={problems} />
        </Notice>
      )}
      <OutcomeFiguresList day={newest} />
      <Trend days={days} />
    </>
  );
}

function Export({ days }: { days: readonly OutcomeDay[] }) {
  const name = `outcomes-${new Date().toISOString().slice(0, 10)}`;
  const formats = [
    {
      title: "Export as CSV",
      save: () =>
        saveFile(`${name}.csv`, "text/csv;charset=utf-8", [
          toCsv(
            CSV_COLUMNS,
            days.map((day) => csvFields(day)),
          ),
        ]),
    },
    {
      title: "Export as JSON",
      save: () => saveFile(`${name}.json`, "application/json", [JSON.stringify(days, null, 2)]),
    },
  ];
  return (
    <div className={s.export}>
      {formats.map(({ title, save }) => (
        <Button key={title} icon={<ArrowDownloadRegular />} onClick={save}>
          {title}
        </Button>
      ))}
    </div>
  );
}
