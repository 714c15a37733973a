import type { LeastTime } from "@/lib/deployments/least-time.pure";
import type { Leftovers } from "@/lib/deployments/testing/estate";
import type { DeploymentView } from "@/lib/deployments/views.pure";
import { median, printTable } from "../table";
import type { Watched } from "./product";

interface Sampled {
  seconds: number;
  vaults: number;
}

export interface DeployFigures {
  vaults: number;
  view: DeploymentView;
  planSeconds: number;
  bound: LeastTime;
  watched: Watched;
  /** Milliseconds since 1970: the last honeytoken written and the last right taken back; the last audit row seen. */
  writtenBy: number;
  provenBy: number;
  /** When half of the vaults and the last of them had done each step. */
  timeline: readonly { step: string; half: Date; last: Date }[];
  states: readonly string[];
  problems: readonly string[];
  left: Leftovers;
  lost: number;
  sequential: Sampled;
  parallel: Sampled;
  json: boolean;
}

/** Prints everything that was measured, and with `json` the one line of it. */
export function printDeploy(figures: DeployFigures): void {
  const { view, bound, watched, left, lost, sequential, parallel } = figures;
  const seconds = (figures.writtenBy - watched.startedAt) / 1_000;
  const proven = (figures.provenBy - watched.startedAt) / 1_000;
  const ratio = seconds / bound.secondsAtLeast;
  const planned = view.counts.planned;
  const scaled = ({ seconds: taken, vaults }: Sampled) => (taken / vaults) * planned;
  console.log(`Planned ${planned} of ${view.total} vaults in ${round(figures.planSeconds)} s.`);
  printTable(
    ["what no planter can avoid", "calls", "s, alone", "source"],
    bound.limits.map(({ what, calls, seconds: alone, source }) => [what, String(calls), String(alone), source]),
  );
  console.log();
  const line = (what: string, taken: number, note: string) => [
    what,
    round(taken),
    (taken / bound.secondsAtLeast).toFixed(2),
    note,
  ];
  printTable(
    ["until all is written and no right is left", "s", "of the bound", ""],
    [
      line("the bound", bound.secondsAtLeast, "the slowest subscription; the lines above overlap"),
      line("the product", seconds, `until the last audit row proved it: ${round(proven)} s`),
      line("plain script, one by one", scaled(sequential), scaling(sequential, planned)),
      line("plain script, 64 at once", scaled(parallel), scaling(parallel, planned)),
    ],
  );
  console.log();
  printTable(
    ["step", "half of the vaults by, s", "the last by, s"],
    figures.timeline.map(({ step, ...at }) => [
      step,
      ...[at.half, at.last].map((time) => round((time.getTime() - watched.startedAt) / 1_000)),
    ]),
  );
  console.log();
  printMemory(watched);
  printResponse(watched);
  printProcessor(watched, figures.writtenBy);
  printEnd(figures);
  if (figures.json) {
    console.log(
      JSON.stringify({
        vaults: left.planted.length,
        seconds: tenth(seconds),
        boundSeconds: bound.secondsAtLeast,
        ratio: Math.round(ratio * 1_000) / 1_000,
        sequentialSeconds: Math.round(scaled(sequential)),
        parallelSeconds: Math.round(scaled(parallel)),
        lost,
        duplicated: left.duplicated,
        peakMb: Math.round(Math.max(...watched.memory)),
      }),
    );
  }
}

const tenth = (value: number): number => Math.round(value * 10) / 10;
const round = (value: number): string => tenth(value).toLocaleString("en", { useGrouping: false });

function scaling({ seconds, vaults }: Sampled, planned: number): string {
  return `${round(seconds)} s for ${vaults} vault${vaults === 1 ? "" : "s"}, times ${round(planned / vaults)}`;
}

function printMemory({ memory }: Watched): void {
  const third = Math.max(1, Math.floor(memory.length / 3));
  const [first, last] = [median(memory.slice(0, third)), median(memory.slice(-third))];
  console.log(
    `Memory of the product: ${round(Math.max(...memory))} MB at most; median of the first third of the time ${round(first)} MB, of the last ${round(last)} MB.`,
  );
}

function printResponse({ progress, board }: Watched): void {
  const said = (times: readonly number[]) =>
    `median ${Math.round(median(times))} ms, worst ${Math.round(Math.max(...times))} ms of ${times.length}`;
  console.log(`Answers while it ran: the deployment's page ${said(progress)}; the board ${said(board)}.`);
}

/** How much of the time until everything was written the processor was wanted for. */
function printProcessor({ busy, startedAt }: Watched, until: number): void {
  const last = busy.findLast(({ at }) => at <= until) ?? busy.at(-1);
  const [first] = busy;
  if (!first || !last) return;
  const wall = (last.at - startedAt) / 1_000;
  const simulator = last.simulator - first.simulator;
  console.log(
    `Processor until then: the product ${round(last.product)} s, the simulated tenant ${round(simulator)} s, of ${round(wall)} s on the clock.`,
  );
}

function printEnd({ watched, states, problems, left, lost }: DeployFigures): void {
  const count = (all: readonly string[]) => {
    const counts = new Map<string, number>();
    for (const one of all) counts.set(one, (counts.get(one) ?? 0) + 1);
    return [...counts].sort((a, b) => b[1] - a[1]);
  };
  console.log(
    `It ended as ${watched.state}, its vaults as ${count(states)
      .map(([state, number]) => `${number} ${state}`)
      .join(", ")}.`,
  );
  for (const [problem, number] of count(problems).slice(0, 5)) console.log(`  ${number}: ${problem}`);
  printTable(
    ["in the simulated vaults: planted", "lost", "duplicated", "real objects versioned", "grants left", "unregistered"],
    [[left.planted.length, lost, left.duplicated, left.versioned, left.grantsLeft, left.unregistered].map(String)],
  );
}
