import type { Dice } from "./dice";
import { Tally } from "./lessons";
import { type EstateLooks, type Level, tableOf, upTo } from "./looks";
import { type Table, trainTrees } from "./trees";

/** How an attacker did: chance of a right pick in each vault that was looked into, 0 to 1. */
export interface Attack {
  picks: readonly number[];
  /** What gave most away. */
  worstTell: string;
  /** What the classifier leant on most, strongest first. */
  tells: readonly string[];
  /** The way that did best in training: a rule by name, or the classifier. */
  way: string;
}

/** What an attacker has before him: two halves to learn from, and where to pick. */
export interface Tables {
  halves: readonly [Table, Table];
  target: Table;
}

export function tablesOf(training: readonly EstateLooks[], test: readonly EstateLooks[]): Tables {
  const tallies = training.map(({ facts }) => facts);
  // What an estate itself shows is left out of the lessons about it, else a rare word would prove too much.
  const lessons = training.map((_, index) => Tally.weights(tallies.filter((_, other) => other !== index)));
  const half = (side: 0 | 1) =>
    tableOf(
      training.filter((_, index) => index % 2 === side),
      (index) => lessons[2 * index + side] ?? (() => 0),
    );
  const everything = Tally.weights(tallies);
  return { halves: [half(0), half(1)], target: tableOf(test, () => everything) };
}

/**
 * The best of many attackers at one level. Every question alone, highest or lowest first, is a rule; boosted trees over
 * all questions are the classifier. Which of them attacks is decided on the training estates, where each half is
 * judged by what was learnt on the other; what they then pick in the test estates is returned.
 */
export function attack(all: Tables, level: Level, dice: Dice): Attack {
  const tables = [upTo(all.halves[0], level), upTo(all.halves[1], level)] as const;
  const target = upTo(all.target, level);
  const models = tables.map((table) => trainTrees(table, dice.next));
  const crossed = [
    ...(models[1] ? picksBy(tables[0], models[1].score(tables[0])) : []),
    ...(models[0] ? picksBy(tables[1], models[0].score(tables[1])) : []),
  ];
  const rules = tables[0].names.flatMap((name, column) => {
    if (name.endsWith("(rank)")) return [];
    return [1, -1].map((sign) => ({
      name: `${sign > 0 ? "most" : "least"} ${name}`,
      column,
      sign,
      rate: mean(tables.flatMap((table) => picksBy(table, signed(table.columns[column], sign)))),
    }));
  });
  const best = rules.reduce((a, b) => (b.rate > a.rate ? b : a));
  const gains = tables[0].names.map((name, column) => ({
    name: name.replace(" (rank)", ""),
    gain: models.reduce((sum, model) => sum + (model.gain[column] ?? 0), 0),
  }));
  const tells = gains
    .toSorted((a, b) => b.gain - a.gain)
    .slice(0, 8)
    .map(({ name, gain }) => `${name} ${gain.toFixed(0)}`);
  if (best.rate >= mean(crossed)) {
    return {
      tells,
      picks: picksBy(target, signed(target.columns[best.column], best.sign)),
      worstTell: best.name,
      way: "rule",
    };
  }
  const [first, second] = models.map((model) => model.score(target));
  const scores = Float64Array.from(first ?? [], (score, row) => score + (second?.[row] ?? 0));
  return {
    tells,
    picks: picksBy(target, scores),
    worstTell: gains.reduce((a, b) => (b.gain > a.gain ? b : a)).name,
    way: "classifier",
  };
}

function signed(column: Float64Array | undefined, sign: number): Float64Array {
  return Float64Array.from(column ?? [], (value) => sign * value);
}

/** Chance that the highest score of each group is an answer; equals share it. */
function picksBy({ groups }: Table, scores: Float64Array): number[] {
  return groups.map(({ start, end, answers }) => {
    let top = Number.NEGATIVE_INFINITY;
    let equals = 0;
    let hits = 0;
    for (let row = start; row < end; row++) {
      const score = scores[row] ?? 0;
      if (score < top) continue;
      if (score > top) [equals, hits] = [0, 0];
      top = score;
      equals++;
      if (answers.has(row)) hits++;
    }
    return hits / equals;
  });
}

export function mean(values: readonly number[]): number {
  return values.length === 0 ? Number.NaN : values.reduce((sum, value) => sum + value, 0) / values.length;
}
