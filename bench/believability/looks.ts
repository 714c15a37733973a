import { Tally } from "./lessons";
import type { Estate, Item, Vault } from "./life";
import { type Listed, listVault } from "./listing";
import { ATTRIBUTE_QUESTIONS } from "./questions-attributes";
import { ESTATE_QUESTIONS } from "./questions-estate";
import { NAME_QUESTIONS } from "./questions-names";
import { VERSION_QUESTIONS } from "./questions-versions";
import { surroundingsOf } from "./surroundings";
import type { Table } from "./trees";
import type { Question, Surroundings } from "./view";

export type Level = 1 | 2 | 3 | 4;
export const LEVELS: readonly Level[] = [1, 2, 3, 4];

/** One vault at the moment of a look, with its decoys among its objects. */
export interface Look {
  objects: readonly Listed[];
  /** Places of the decoys among the objects. */
  answers: ReadonlySet<number>;
  day: number;
  around: Surroundings;
}

/** All looks into one estate, and what they teach about single facts. */
export interface EstateLooks {
  looks: readonly Look[];
  facts: Tally;
}

/** What each level adds to those below it. */
const QUESTIONS: readonly Record<string, Question>[] = [
  NAME_QUESTIONS,
  ATTRIBUTE_QUESTIONS,
  VERSION_QUESTIONS,
  ESTATE_QUESTIONS,
];

/** Looks into each vault that has a decoy, on the day that `dayOf` says for its decoy; all decoys lie in their vaults. */
export function lookInto(
  estate: Estate,
  decoys: ReadonlyMap<Vault, readonly Item[]>,
  dayOf: (first: Item) => number,
): EstateLooks {
  const facts = new Tally();
  const looks = [...decoys].map(([vault, planted]) => {
    const [first] = planted;
    if (first === undefined) throw new Error("A vault without a decoy is not looked into.");
    const day = dayOf(first);
    const objects = listVault(vault, day);
    for (const object of objects) facts.add(object, planted.includes(object.item));
    const answers = new Set(objects.flatMap(({ item }, at) => (planted.includes(item) ? [at] : [])));
    if (answers.size === 0) throw new Error("The decoy is not in its vault.");
    return { objects, answers, day, around: surroundingsOf(estate, vault, day) };
  });
  return { looks, facts };
}

/** Several looks into one estate as one, so that what is learnt of it is told apart from what others teach. */
export function together(all: readonly EstateLooks[]): EstateLooks {
  return {
    looks: all.flatMap(({ looks }) => looks),
    facts: Tally.sum(all.map(({ facts }) => facts)),
  };
}

/**
 * Figures about every object of every look, the lower levels first. Each question gives two columns: its figure, and where
 * that stands among the vault's, 0 to 1. `weightsFor` says what an estate's looker learnt from other estates.
 */
export function tableOf(
  estates: readonly EstateLooks[],
  weightsFor: (estate: number) => (fact: string) => number,
): Table {
  const questions = QUESTIONS.flatMap((added) => Object.entries(added));
  const rows = estates.reduce(
    (sum, { looks }) => sum + looks.reduce((each, { objects }) => each + objects.length, 0),
    0,
  );
  const columns = questions.flatMap(() => [new Float64Array(rows), new Float64Array(rows)]);
  const groups: Table["groups"][number][] = [];
  let row = 0;
  estates.forEach(({ looks }, index) => {
    const weightOf = weightsFor(index);
    for (const look of looks) {
      const view = { objects: look.objects, weightOf, around: look.around, day: look.day };
      questions.forEach(([, question], column) => {
        const figures = look.objects.map((_, at) => question(view, at));
        columns[2 * column]?.set(figures, row);
        columns[2 * column + 1]?.set(ranked(figures), row);
      });
      const first = row;
      const answers = new Set([...look.answers].map((at) => first + at));
      groups.push({ start: row, end: row + look.objects.length, answers });
      row += look.objects.length;
    }
  });
  return { names: questions.flatMap(([name]) => [name, `${name} (rank)`]), columns, groups };
}

/** The same table as somebody has it who knows no more than this level. */
export function upTo({ names, columns, groups }: Table, level: Level): Table {
  const known = 2 * QUESTIONS.slice(0, level).reduce((sum, added) => sum + Object.keys(added).length, 0);
  return { names: names.slice(0, known), columns: columns.slice(0, known), groups };
}

/** Rank of each figure, 0 to 1; equals share the middle of their ranks. */
function ranked(figures: readonly number[]): number[] {
  const sorted = figures.toSorted((a, b) => a - b);
  const first = new Map<number, number>();
  const count = new Map<number, number>();
  sorted.forEach((figure, index) => {
    if (!first.has(figure)) first.set(figure, index);
    count.set(figure, (count.get(figure) ?? 0) + 1);
  });
  const last = Math.max(1, figures.length - 1);
  return figures.map((figure) => ((first.get(figure) ?? 0) + ((count.get(figure) ?? 1) - 1) / 2) / last);
}
