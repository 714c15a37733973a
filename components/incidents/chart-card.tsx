"use client";
import { Button } from "@fluentui/react-components";
import { ChartMultipleRegular, TableRegular } from "@fluentui/react-icons";
import { type ReactNode, useId, useState } from "react";
import s from "./incident-charts.module.css";

interface ChartCardProps {
  title: string;
  /** Says it in words where there is nothing to draw. */
  summary: string;
  /** For the eye only; null where there is nothing to draw: no empty box, and no empty table behind it. */
  chart: ReactNode;
  legend?: readonly { id: string; word: string }[];
  /** The same figures for everybody. */
  table: ReactNode;
}

/** A chart with the table of its figures behind it. */
export function ChartCard({ title, summary, chart, legend, table }: ChartCardProps) {
  const [asTable, setAsTable] = useState(false);
  const id = useId();
  return (
    <figure className={s.card} data-empty={chart === null} aria-labelledby={id}>
      <figcaption className={s.caption}>
        <span className={s.words}>
          <span id={id} className={s.title}>
            {title}
          </span>
          <span className={s.summary}>{summary}</span>
        </span>
        {chart !== null && (
          <Button
            size="small"
            appearance="subtle"
            icon={asTable ? <ChartMultipleRegular /> : <TableRegular />}
            aria-label={`${asTable ? "Show as chart" : "Show as table"}: ${title}`}
            onClick={() => setAsTable(!asTable)}
          >
            {asTable ? "Show as chart" : "Show as table"}
          </Button>
        )}
      </figcaption>
      {chart === null ? null : asTable ? (
        <div className={s.table}>{table}</div>
      ) : (
        <div className={s.chart} aria-hidden>
          {chart}
          {legend && (
            <ul className={s.legend}>
              {legend.map(({ id: severity, word }) => (
                <li key={severity} data-severity={severity}>
                  {word}
                </li>
              ))}
            </ul>
          )}
        </div>
      )}
    </figure>
  );
}
