import { parseArgs } from "node:util";
import { seeded } from "@/lib/decoys/testing/seeded";
import { ruleBodies } from "@/lib/detection/rule-export";
import { everydayTouches, playCases } from "@/lib/detection/testing/replay/play";
import { startReplay } from "@/lib/detection/testing/replay/tenant";
import { printTable } from "../table";
import { type Figures, type Judged, judge } from "./figures";
import { upstreamRules } from "./upstream-rules";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** A month of everyday traffic is what the simulated tenant tells afterwards. */
const DAYS_MAX = 30;
const VAULTS_MAX = 1_000;
/** Kinds of harmless readers in the world: what loads all secrets, what backs them up, what copies them. */
const READERS = 3;
/** A Thursday. */
const START = Date.UTC(2026, 9, 1);

/**
 * `npm run bench -- detection [--days 30] [--vaults 240] [--seed 1] [--json]`: which touches raise an alert, and which
 * alerts nothing stands behind, for our rules and in the same run for the logic of the earlier solution's, over the same
 * rows in one simulated workspace: every operation of a vault's log in both tables, allowed and refused, 1 to 25 minutes
 * late, then days of everyday traffic.
 *
 * @returns false when one of our figures is not what is promised: recall 1, no false alarm, every benign touch alarmed
 */
export async function detectionBench(args: string[]): Promise<boolean> {
  const { values } = parseArgs({
    args,
    options: {
      days: { type: "string", default: "30" },
      vaults: { type: "string", default: "240" },
      seed: { type: "string", default: "1" },
      json: { type: "boolean", default: false },
    },
  });
  const days = whole("days", values.days, DAYS_MAX);
  const [own, upstream] = [ruleBodies(), upstreamRules()];
  const random = seeded(Number(values.seed));
  const tenant = await startReplay({
    vaults: whole("vaults", values.vaults, VAULTS_MAX),
    seed: Number(values.seed),
    start: START,
    rules: [...own, ...upstream],
    random,
  });
  const began = performance.now();
  const seconds = () => `${Math.round((performance.now() - began) / 1000)} s`;
  try {
    const played = await playCases(tenant, random);
    console.log(`The cases took ${seconds()}.`);
    await tenant.advance(Math.max(0, START + days * DAY - tenant.now()), 6 * HOUR);
    console.log(`${days} days took ${seconds()}.`);
    const everyday = await everydayTouches(tenant, START);
    const alerts = await tenant.alerts();
    const of = (rules: readonly { name: string }[]) => {
      const ids = new Set(rules.map(({ name }) => name));
      return judge(
        played,
        everyday,
        alerts.filter(({ ruleId }) => ids.has(ruleId)),
      );
    };
    const judged = { ours: of(own), upstream: of(upstream) };
    report(judged);
    const readers = new Set(everyday.map(({ client }) => client)).size;
    const faults = faultsOf(judged.ours, everyday.length, readers);
    for (const fault of faults) console.error(fault);
    if (values.json) {
      console.log(JSON.stringify({ ours: plain(judged.ours), upstream: plain(judged.upstream) }));
    }
    return faults.length === 0;
  } finally {
    await tenant.stop();
  }
}

function whole(option: string, value: string, most: number): number {
  const number = /^\d{1,6}$/.test(value) ? Number(value) : Number.NaN;
  if (!(number <= most)) throw new Error(`--${option} must be a whole number up to ${most}, not "${value}".`);
  return number;
}

function plain({ recall, falseAlarms, benignTouches, cases }: Figures): Figures {
  return { recall, falseAlarms, benignTouches, cases };
}

function report({ ours, upstream }: Record<"ours" | "upstream", Judged>): void {
  const percent = (share: number | undefined) => (share === undefined ? "" : `${(share * 100).toFixed(1)} %`);
  printTable(
    ["", "our rules", "earlier solution"],
    [
      ["touches that should raise an alert", String(ours.cases), String(upstream.cases)],
      ["of them raised", percent(ours.recall), percent(upstream.recall)],
      ...[...ours.groups].map(([group, share]) => [`  ${group}`, percent(share), percent(upstream.groups.get(group))]),
      ["named of a sweep over many vaults in a minute", percent(ours.swept), percent(upstream.swept)],
      ["alerts", String(ours.alerts), String(upstream.alerts)],
      ["of them false", String(ours.falseAlarms), String(upstream.falseAlarms)],
      ["benign touches that an alert names", String(ours.benignTouches), String(upstream.benignTouches)],
    ],
  );
}

function faultsOf(ours: Judged, benign: number, readers: number): string[] {
  return [
    ...ours.missed.slice(0, 20).map((title) => `Our rules missed: ${title}`),
    ...(ours.falseAlarms > 0 ? [`Our rules raised ${ours.falseAlarms} alerts with nothing behind them.`] : []),
    ...(ours.benignTouches < benign ? [`Of ${benign} benign touches our rules told ${ours.benignTouches}.`] : []),
    ...(readers < READERS ? [`Only ${readers} kinds of harmless readers touched a decoy.`] : []),
  ];
}
