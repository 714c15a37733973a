import { parseArgs } from "node:util";
import { printTable } from "../table";
import { type Attack, attack, mean, type Tables, tablesOf } from "./attacker";
import { carryOut, drawEstates, planAnyTime, planAtAge, SPREAD_DAYS } from "./campaign";
import { type Dice, diceOf } from "./dice";
import type { Estate } from "./life";
import { LEVELS, type Level, together } from "./looks";
import { newborn, withinRules } from "./real";
import { constantType, constantWord, ours, type Scheme, upstream } from "./schemes";

const AGES = [1, 30, 180] as const;
const VAULTS_EACH = 50;
/** Training estates beside each test estate. */
const TRAINING = 1.4;
/** Campaigns in each training estate from which somebody learns who does not know the date. */
const CAMPAIGNS = 2;

/** Times chance that ours may reach at 180 days. */
const TARGET: Record<Level, number> = { 1: 1.2, 2: 1.2, 3: 1.2, 4: 1.5 };

interface Line {
  level: Level;
  ageDays: number;
  chance: number;
  ours: number;
  /** 95 % interval of `ours`. */
  interval: [number, number];
  /** A real object of that age: what age alone gives away. */
  newborn: number;
  /** One that people would have made within the rules of a decoy: no generator that keeps to them can be expected below it. */
  floor: number;
  upstream: number;
  control: number;
  worstTell: string;
  upstreamChance: number;
}

/**
 * `npm run bench -- believability [--vaults 500] [--seed 1] [--spread-days 180] [--json]`: how often an attacker who sees what listing shows
 * picks the decoy out of a vault, beside chance, beside the upstream scheme and beside a control with a known tell.
 *
 * @returns false when the attacker does not prove itself on upstream (5 times chance) and on the control (0.9)
 */
export async function believabilityBench(args: string[]): Promise<boolean> {
  const { values } = parseArgs({
    args,
    options: {
      vaults: { type: "string", default: "500" },
      seed: { type: "string", default: "1" },
      "spread-days": { type: "string", default: String(SPREAD_DAYS) },
      json: { type: "boolean" },
    },
  });
  const [vaults, seed, spreadDays] = [Number(values.vaults), Number(values.seed), Number(values["spread-days"])];
  if (!Number.isInteger(vaults) || vaults < 1 || !Number.isInteger(seed) || !(spreadDays >= 1 && spreadDays <= 180)) {
    console.error("--vaults and --seed are whole numbers, --vaults at least 1; --spread-days is from 1 to 180.");
    return false;
  }
  const count = Math.ceil(vaults / VAULTS_EACH);
  const each = Math.ceil(vaults / count);
  const test = drawEstates(2 * seed, count, each);
  const training = drawEstates(2 * seed + 1, Math.max(4, Math.ceil(count * TRAINING)), VAULTS_EACH);
  const world = { test, training, seed, spreadDays };
  // What has a target comes first: a run takes a while.
  const lines = AGES.toReversed()
    .flatMap((age) => measure(world, age))
    .sort((a, b) => a.ageDays - b.ageDays || a.level - b.level);
  const [own, real] = [look(world, ours, 180, "dated"), look(world, newborn, 180, "dated")];
  const dated = LEVELS.map((level) => ({ level, ours: attacked(own, level), newborn: attacked(real, level) }));
  report(lines, dated, { vaults: count * each, estates: count, seed });
  if (values.json) console.log(JSON.stringify({ levels: lines.map(({ upstreamChance: _, ...line }) => line) }));
  return proven(lines);
}

interface World {
  test: readonly Estate[];
  training: readonly Estate[];
  seed: number;
  /** Days over which ours is planted. */
  spreadDays: number;
}

function measure(world: World, age: number): Line[] {
  const [own, old, real, floor] = [ours, upstream, newborn, withinRules].map((scheme) => look(world, scheme, age));
  const controls = { word: look(world, constantWord, age), type: look(world, constantType, age) };
  if (!own || !old || !real || !floor) throw new Error("Every scheme is looked at.");
  return LEVELS.map((level) => {
    const attack = attacked(own, level);
    const control = attacked(level === 1 ? controls.word : controls.type, level);
    const line = {
      level,
      ageDays: age,
      chance: rounded(own.chance),
      ours: rounded(mean(attack.picks)),
      interval: intervalOf(attack.picks, diceOf(world.seed)),
      newborn: rounded(mean(attacked(real, level).picks)),
      floor: rounded(mean(attacked(floor, level).picks)),
      upstream: rounded(mean(attacked(old, level).picks)),
      control: rounded(mean(control.picks)),
      worstTell: attack.worstTell,
      upstreamChance: old.chance,
    };
    console.error(
      `Level ${level}, ${age} days: picked ${line.ours}, chance ${line.chance}, a real object ${line.newborn}, one within the rules ${line.floor}, upstream ${line.upstream}, control ${line.control}, worst tell "${line.worstTell}".`,
    );
    return line;
  });
}

interface Looked {
  tables: Tables;
  chance: number;
  dice: Dice;
}

/**
 * Plants by one scheme and looks. Right after planting the attacker is granted that planting was just now: he learns
 * from estates at that age. At half a year he learns from campaigns of any time, unless `dated`.
 */
function look(
  { test, training, seed, spreadDays }: World,
  scheme: Scheme,
  age: number,
  knowledge: "dated" | "undated" = age < 90 ? "dated" : "undated",
): Looked {
  const spread = scheme === upstream ? 1 : spreadDays;
  const dice = diceOf(seed).fork(`age ${age}`);
  // What a constant gives away needs no more than one.
  const campaigns = knowledge === "undated" && [ours, newborn, withinRules].includes(scheme) ? CAMPAIGNS : 1;
  const learnt = training.map((estate, index) =>
    together(
      Array.from({ length: campaigns }, (_, round) => {
        const own = dice.fork(`training ${index} ${round}`);
        // Evenly over all time, and over each half of the estates as over all.
        const share = (round * training.length + index + own.next()) / (campaigns * training.length);
        const plan = knowledge === "dated" ? planAtAge(age, spread, own) : planAnyTime(spread, share, own);
        return carryOut(estate, scheme, plan, own);
      }),
    ),
  );
  const looks = test.map((estate, index) => {
    const own = dice.fork(`test ${index}`);
    return carryOut(estate, scheme, planAtAge(age, spread, own), own);
  });
  const chance = mean(
    looks.flatMap((estate) => estate.looks.map(({ objects, answers }) => answers.size / objects.length)),
  );
  return { tables: tablesOf(learnt, looks), chance, dice };
}

function attacked({ tables, dice }: Looked, level: Level): Attack {
  return attack(tables, level, dice.fork(`attack ${level}`));
}

/** 95 % of 2,000 bootstrap means. */
export function intervalOf(picks: readonly number[], dice: Dice): [number, number] {
  const means = Array.from({ length: 2000 }, () => mean(picks.map(() => dice.one(picks)))).sort((a, b) => a - b);
  return [rounded(means[50] ?? Number.NaN), rounded(means[1949] ?? Number.NaN)];
}

function report(
  lines: readonly Line[],
  dated: readonly { level: Level; ours: Attack; newborn: Attack }[],
  { vaults, estates, seed }: { vaults: number; estates: number; seed: number },
): void {
  console.log(
    `${vaults} vaults in ${estates} estates, seed ${seed}; how often the best attacker's first pick is the decoy. Levels: 1 names, 2 and attributes, 3 and versions, 4 and the whole estate.`,
  );
  printTable(
    [
      "level",
      "days",
      "chance",
      "ours",
      "95 %",
      "x chance",
      "target",
      "real object",
      "within rules",
      "upstream",
      "control",
      "worst tell",
    ],
    lines.map((line) => [
      String(line.level),
      String(line.ageDays),
      line.chance.toFixed(3),
      line.ours.toFixed(3),
      line.interval.map((bound) => bound.toFixed(3)).join("-"),
      (line.ours / line.chance).toFixed(2),
      line.ageDays === 180 ? `${TARGET[line.level]} ${isMet(line) ? "met" : "missed"}` : "",
      line.newborn.toFixed(3),
      line.floor.toFixed(3),
      line.upstream.toFixed(3),
      line.control.toFixed(3),
      line.worstTell,
    ]),
  );
  for (const line of lines.filter(({ ageDays }) => ageDays === 180)) {
    const times = (rate: number) => (rate / line.chance).toFixed(2);
    console.log(
      `Level ${line.level} at 180 days: ${isMet(line) ? "met" : "missed"}, ${times(line.ours)} times chance, target ${TARGET[line.level]}; what people would have made within the rules of a decoy ${times(line.floor)}.`,
    );
  }
  console.log("");
  console.log("At 180 days, should the attacker know that planting was half a year ago:");
  printTable(
    ["level", "ours", "real object", "worst tell"],
    dated.map(({ level, ours: own, newborn: real }) => [
      String(level),
      mean(own.picks).toFixed(3),
      mean(real.picks).toFixed(3),
      own.worstTell,
    ]),
  );
}

function isMet({ level, ours: rate, chance }: Line): boolean {
  return rate <= TARGET[level] * chance;
}

function proven(lines: readonly Line[]): boolean {
  const weak = lines.filter((line) => line.upstream < 5 * line.upstreamChance || line.control < 0.9);
  for (const { level, ageDays, upstream: old, control } of weak) {
    console.error(`The attacker is too weak at level ${level}, ${ageDays} days: upstream ${old}, control ${control}.`);
  }
  return weak.length === 0;
}

function rounded(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
