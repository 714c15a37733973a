import { LocalTime } from "@/components/ui/age";
import { Card, Hidden } from "@/components/ui/page";
import { formatNumber, plural } from "@/components/ui/plural";
import type { DeploymentView } from "@/lib/deployments/views.pure";
import s from "./deployment.module.css";
import { durationOf, isOver } from "./words";

/** How far the deployment is, or what came of it, in words and figures. */
export function RunProgress({ deployment }: { deployment: DeploymentView }) {
  const { counts, progress, spreadHours } = deployment;
  // What a cancelled one has begun is still being ended.
  const over = isOver(deployment.state) && progress.remaining === 0;
  const ended = counts.done + counts.failed + counts.needs_person + counts.cancelled;
  const total = ended + progress.remaining;
  const percent = total === 0 ? 100 : Math.floor((100 * ended) / total);
  return (
    <Card title={over ? "What came of it" : "Progress"}>
      <div className={s.body}>
        <p id="progress">{sentenceOf(deployment, ended, total)}</p>
        {!over && <progress className={s.bar} aria-labelledby="progress" max={Math.max(1, total)} value={ended} />}
        {/* Read out at every tenth, not at every vault. */}
        <Hidden>
          <p role="status">{over ? "Ended" : `${Math.floor(percent / 10) * 10} % at their end`}</p>
        </Hidden>
        <dl className={s.figures}>
          {FIGURES.map(({ word, tone, count }) => {
            const number = count(deployment);
            return (
              <div key={word} data-tone={number > 0 ? tone : "neutral"}>
                <dt>{word}</dt>
                <dd>{formatNumber(number)}</dd>
              </div>
            );
          })}
          {!over && (
            <>
              <div>
                <dt>Remaining</dt>
                <dd>{formatNumber(progress.remaining)}</dd>
              </div>
              <div>
                <dt>Per minute</dt>
                <dd>{progress.perMinute ?? "–"}</dd>
              </div>
              <div>
                <dt>Time left</dt>
                <dd>{progress.secondsLeft === null ? "–" : durationOf(progress.secondsLeft)}</dd>
              </div>
            </>
          )}
        </dl>
        {!over && spreadHours > 0 && (
          <p className={s.aside}>
            Writing is spread over {plural(spreadHours, "hour")}, so long pauses are meant.
            {progress.turns !== null && <Turns {...progress.turns} />}
          </p>
        )}
      </div>
    </Card>
  );
}

function Turns({ nextAt, lastAt }: NonNullable<DeploymentView["progress"]["turns"]>) {
  if (nextAt === lastAt)
    return (
      <>
        {" "}
        One vault waits for its turn: <LocalTime at={nextAt} />.
      </>
    );
  return (
    <>
      {" "}
      The next turn of a vault is <LocalTime at={nextAt} />, the last <LocalTime at={lastAt} />.
    </>
  );
}

interface Figure {
  word: string;
  tone: "good" | "bad" | "neutral";
  count: (deployment: DeploymentView) => number;
}

const FIGURES: readonly Figure[] = [
  { word: "Done", tone: "good", count: ({ counts }) => counts.done },
  { word: "Failed", tone: "bad", count: ({ counts }) => counts.failed },
  { word: "Needs a person", tone: "bad", count: ({ counts }) => counts.needs_person },
  { word: "Skipped", tone: "neutral", count: ({ counts }) => counts.skipped },
  { word: "Blocked", tone: "neutral", count: ({ counts }) => counts.blocked },
  { word: "Cancelled", tone: "neutral", count: ({ counts }) => counts.cancelled },
];

function sentenceOf({ state, startedAt, counts, progress, spreadHours }: DeploymentView, ended: number, total: number) {
  const of = `${formatNumber(ended)} of ${plural(total, "vault")}`;
  switch (state) {
    case "queued":
      return `It begins as soon as a worker is free, in ${plural(total, "vault")}${spreadHours > 0 ? ", each at its own moment" : ""}. You may leave this page: the work goes on.`;
    case "running":
      return `${of} ${ended === 1 ? "is" : "are"} at their end. You may leave this page: the work goes on.`;
    case "paused":
      return counts.running > 0
        ? `Paused after ${of}. What has been begun in ${plural(counts.running, "vault")} is being brought to a safe end.`
        : `Paused after ${of}. Nothing goes on before somebody resumes it.`;
    case "cancelled":
      if (startedAt === null) return "It was ended as a plan. Nothing was done in any vault.";
      return progress.remaining > 0
        ? `Cancelled. What has been begun in ${plural(progress.remaining, "vault")} is being taken back, or brought to its end where something is written already.`
        : `Cancelled with ${plural(counts.done, "vault")} done. ${counts.done === total ? "No other was left to cancel." : "What had been begun in others was taken back."}`;
    default:
      if (total === 0) return "Nothing was done: every vault was left out. The list below says why.";
      return progress.remaining === 0 && counts.done === total
        ? `Done in all ${plural(total, "vault")}.`
        : `Done in ${formatNumber(counts.done)} of ${plural(total, "vault")}. The list below says why not in the others, and what to do.`;
  }
}
