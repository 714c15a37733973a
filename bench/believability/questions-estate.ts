import type { Listed } from "./listing";
import { type Question, self, type View } from "./view";
import { wordsOf } from "./words-of";

const born = ({ versions, created }: Listed) => versions[0] ?? created;

/** Questions of the fourth level: the same vault beside all the others. */
export const ESTATE_QUESTIONS: Record<string, Question> = {
  "rarest word in the estate": (view, index) => Math.min(...counts(view, index)),
  "commonest word in the estate": (view, index) => Math.max(...counts(view, index)),
  "words in the estate": (view, index) => mean(counts(view, index)),
  "words of the team": (view, index) => mean(wordsOf(self(view, index).name).map((word) => view.around.teamWord(word))),
  "rarest word of the team": (view, index) =>
    Math.min(...wordsOf(self(view, index).name).map((word) => view.around.teamWord(word))),
  "word once in each of many vaults": (view, index) =>
    Math.max(
      ...wordsOf(self(view, index).name).map((word) => {
        const { vaults, times } = view.around.word(word);
        return times === 0 ? 0 : (vaults / times) * Math.log1p(vaults);
      }),
    ),
  "word new here, known elsewhere": (view, index) =>
    wordsOf(self(view, index).name).filter(
      (word) =>
        view.around.word(word).vaults > 0 &&
        !view.objects.some(({ name }, other) => other !== index && wordsOf(name).includes(word)),
    ).length,
  "word of nobody else": (view, index) =>
    wordsOf(self(view, index).name).filter(
      (word) =>
        view.around.word(word).vaults === 0 &&
        !view.objects.some(({ name }, other) => other !== index && wordsOf(name).includes(word)),
    ).length,
  "same name elsewhere": (view, index) => view.around.name(self(view, index).name),
  "type elsewhere": (view, index) => view.around.type(self(view, index).contentType ?? ""),
  "tags elsewhere": (view, index) => mean([...self(view, index).tags.keys()].map((key) => view.around.tagKey(key))),
  "born in an hour of many": (view, index) => within(view.around.births, born(self(view, index)), 1 / 24),
  "born on a day of many": (view, index) => within(view.around.births, born(self(view, index)), 1),
  "born in a week of many": (view, index) => within(view.around.births, born(self(view, index)), 7),
  "born in a season of many": (view, index) => within(view.around.births, born(self(view, index)), 30),
  "born on a day of many alone": (view, index) => within(view.around.loneBirths, born(self(view, index)), 1),
  "born in a week of many alone": (view, index) => within(view.around.loneBirths, born(self(view, index)), 7),
  "born in a season of many alone": (view, index) => within(view.around.loneBirths, born(self(view, index)), 30),
  "born on a day of many with names of their own": (view, index) =>
    within(view.around.oddBirths, born(self(view, index)), 1),
  "born in a week of many with names of their own": (view, index) =>
    within(view.around.oddBirths, born(self(view, index)), 7),
};

function counts(view: View, index: number): number[] {
  return wordsOf(self(view, index).name).map((word) => view.around.word(word).vaults);
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** How many of the sorted moments lie within `days` of `moment`. */
function within(moments: Float64Array, moment: number, days: number): number {
  return firstAfter(moments, moment + days) - firstAfter(moments, moment - days);
}

function firstAfter(moments: Float64Array, moment: number): number {
  let low = 0;
  let high = moments.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((moments[middle] ?? 0) <= moment) low = middle + 1;
    else high = middle;
  }
  return low;
}
