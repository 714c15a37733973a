import type { Listed } from "./listing";
import { alone, meanHourGap, median } from "./questions-attributes";
import { nearestOther, type Question, self, shareOfOthers, type View } from "./view";
import { wordsOf } from "./words-of";

const born = ({ versions, created }: Listed) => versions[0] ?? created;
const last = (object: Listed) => wordsOf(object.name).at(-1) ?? "";

/** Questions of the third level: how many versions there are and when they were made. */
export const VERSION_QUESTIONS: Record<string, Question> = {
  versions: (view, index) => self(view, index).versions.length,
  "as many versions": (view, index) =>
    shareOfOthers(view, index, (other, own) => other.versions.length === own.versions.length),
  "only one with one version": (view, index) =>
    self(view, index).versions.length === 1 ? shareOfOthers(view, index, (other) => other.versions.length > 1) : 0,
  "only one with several versions": (view, index) =>
    self(view, index).versions.length > 1 ? shareOfOthers(view, index, (other) => other.versions.length === 1) : 0,
  "one version while its last word rotates": (view, index) =>
    self(view, index).versions.length === 1
      ? shareOfOthers(view, index, (other, own) => other.versions.length > 1 && last(other) === last(own))
      : 0,
  "born last": (view, index) => shareOfOthers(view, index, (other, own) => born(other) < born(own)),
  "birth beside the vault's": (view, index) => lifeShareOfBirth(view, born(self(view, index))),
  "newest never renewed": (view, index) =>
    self(view, index).versions.length === 1 ? shareOfOthers(view, index, (other, own) => born(other) < born(own)) : -1,
  "born alone": (view, index) => alone(view, index, born),
  "born within an hour of another": (view, index) =>
    shareOfOthers(view, index, (other, own) => Math.abs(born(other) - born(own)) < 1 / 24),
  "born when others were renewed": (view, index) =>
    renewals(view, index).filter((at) => Math.abs(at - born(self(view, index))) < 0.1).length,
  "born at an odd hour": (view, index) => meanHourGap(view, index, born),
  "pause beside the usual": (view, index) =>
    self(view, index).versions.length < 2
      ? -1
      : median(pauses(self(view, index)), 0) / Math.max(1e-6, median(view.objects.flatMap(pauses), 1)),
  "pause of others": (view, index) =>
    nearestOther(
      view,
      index,
      (other, own) =>
        own.versions.length < 2 || other.versions.length < 2
          ? 1
          : Math.abs(Math.log((median(pauses(other), 0) + 1e-6) / (median(pauses(own), 0) + 1e-6))),
      1,
    ),
  regularity: (view, index) => {
    const all = pauses(self(view, index));
    return all.length < 2 ? -1 : Math.max(...all) / Math.max(1e-6, Math.min(...all));
  },
  "first pause beside the usual": (view, index) => {
    const all = pauses(self(view, index));
    return all.length < 2 ? 0 : (all[0] ?? 0) / Math.max(1e-6, median(all, 0));
  },
  "renewed with others": (view, index) => {
    const renewed = self(view, index).versions.slice(1);
    const near = renewed.filter((at) => renewals(view, index).some((other) => Math.abs(other - at) < 0.1));
    return renewed.length === 0 ? -1 : near.length / renewed.length;
  },
  overdue: (view, index) => {
    const usual = median(
      view.objects.flatMap((object, at) => (at === index ? [] : pauses(object))),
      0,
    );
    return usual === 0 ? 0 : (view.day - self(view, index).created) / usual;
  },
  "missed a common renewal": (view, index) => {
    const own = self(view, index);
    const others = renewals(view, index).filter((at) => at > born(own) + 5);
    const missed = others.filter((at) => !own.versions.some((mine) => Math.abs(mine - at) < 0.5));
    return others.length === 0 ? 0 : missed.length / others.length;
  },
};

function lifeShareOfBirth(view: View, moment: number): number {
  const start = Math.min(...view.objects.map(born));
  return (moment - start) / Math.max(1e-6, view.day - start);
}

const known = new WeakMap<Listed, number[]>();

function pauses(object: Listed): number[] {
  let found = known.get(object);
  if (found === undefined) {
    found = object.versions.slice(1).map((at, index) => at - (object.versions[index] ?? at));
    known.set(object, found);
  }
  return found;
}

const allRenewals = new WeakMap<View, { at: number; index: number }[]>();

/** When the other objects got further versions. */
function renewals(view: View, index: number): number[] {
  let found = allRenewals.get(view);
  if (found === undefined) {
    found = view.objects.flatMap(({ versions }, owner) => versions.slice(1).map((at) => ({ at, index: owner })));
    allRenewals.set(view, found);
  }
  return found.filter((each) => each.index !== index).map(({ at }) => at);
}
