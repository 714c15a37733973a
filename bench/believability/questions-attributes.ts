import type { Listed } from "./listing";
import { nearestOther, type Question, self, shareOfOthers, type View } from "./view";
import { wordsOf } from "./words-of";

const last = (object: Listed) => wordsOf(object.name).at(-1) ?? "";
const keys = (object: Listed) => [...object.tags.keys()].sort().join(",");
const hourOf = (day: number) => (day - Math.floor(day)) * 24;
const apart = (a: number, b: number) => Math.min(Math.abs(a - b), 24 - Math.abs(a - b));

/** What a single fact about an object is called, to be weighed by what other estates taught. */
export function factsOf(object: Listed): string[] {
  const tags = [...object.tags].flatMap(([key, value]) => [`tag ${key}`, `tag ${key}=${value}`]);
  return [`type ${object.kind} ${object.contentType ?? ""}`, `key ${object.keyType}`, ...tags];
}

/** Questions of the second level: what the list shows beside the name. */
export const ATTRIBUTE_QUESTIONS: Record<string, Question> = {
  "known decoy attribute": (view, index) => Math.max(0, ...factsOf(self(view, index)).map(view.weightOf)),
  "attributes seen in decoys elsewhere": (view, index) =>
    factsOf(self(view, index)).reduce((sum, fact) => sum + view.weightOf(fact), 0),
  newest: (view, index) => shareOfOthers(view, index, (other, own) => other.created < own.created),
  "oldest untouched": (view, index) => shareOfOthers(view, index, (other, own) => other.updated > own.updated),
  "age beside the vault's": (view, index) => lifeShare(view, self(view, index).created),
  "changed after it was made": (view, index) => (self(view, index).updated > self(view, index).created ? 1 : 0),
  "made alone": (view, index) => alone(view, index, ({ created }) => created),
  "made at an odd hour": (view, index) => meanHourGap(view, index, ({ created }) => created),
  "made within an hour of another": (view, index) =>
    shareOfOthers(view, index, (other, own) => Math.abs(other.created - own.created) < 1 / 24),
  "made at an hour of no other": (view, index) =>
    nearestOther(view, index, (other, own) => apart(hourOf(other.created), hourOf(own.created)), 12),
  "made on a day of the week of others": (view, index) =>
    shareOfOthers(view, index, (other, own) => weekday(other.created) === weekday(own.created)),
  "same type": (view, index) =>
    shareOfOthers(view, index, (other, own) => other.contentType === own.contentType && other.kind === own.kind),
  "type as its last word has": (view, index) =>
    shareOfOthers(view, index, (other, own) => last(other) === last(own) && other.contentType === own.contentType) -
    shareOfOthers(view, index, (other, own) => last(other) === last(own)),
  "only one without a type": (view, index) =>
    self(view, index).contentType === undefined
      ? shareOfOthers(view, index, (other) => other.contentType !== undefined)
      : 0,
  "same tags": (view, index) => shareOfOthers(view, index, (other, own) => keys(other) === keys(own)),
  "only one without a tag": (view, index) =>
    self(view, index).tags.size === 0 ? shareOfOthers(view, index, (other) => other.tags.size > 0) : 0,
  "only one with a tag": (view, index) =>
    self(view, index).tags.size > 0 ? shareOfOthers(view, index, (other) => other.tags.size === 0) : 0,
  "tag values in common": (view, index) => shareOfOthers(view, index, sharesTagValue),
  "tag says a word of the name": (view, index) => {
    const own = self(view, index);
    return [...own.tags.values()].filter((value) => own.name.toLowerCase().includes(value.toLowerCase())).length;
  },
  "tag names another's word": (view, index) => {
    const own = self(view, index);
    return [...own.tags.values()].filter(
      (value) =>
        value.length > 3 &&
        !own.name.toLowerCase().includes(value.toLowerCase()) &&
        view.objects.some(({ name }) => name.toLowerCase().includes(value.toLowerCase())),
    ).length;
  },
  "tag out of order": outOfOrder,
  "same expiry or none": (view, index) =>
    shareOfOthers(view, index, (other, own) => (other.expires === undefined) === (own.expires === undefined)),
  "only one without expiry": (view, index) =>
    self(view, index).expires === undefined ? shareOfOthers(view, index, (other) => other.expires !== undefined) : 0,
  "term of others": (view, index) =>
    shareOfOthers(view, index, (other, own) => Math.abs(termOf(other) - termOf(own)) < 3),
  "term beside the usual": (view, index) =>
    termOf(self(view, index)) /
    Math.max(1, median(view.objects.filter(({ expires }) => expires !== undefined).map(termOf), 1)),
  expired: (view, index) => ((self(view, index).expires ?? 1e9) < view.day ? 1 : 0),
  "expiry at a round moment": (view, index) => {
    const { expires, created } = self(view, index);
    return expires === undefined ? 0 : Math.abs(expires - created - Math.round(expires - created));
  },
  "not-before as others": (view, index) =>
    shareOfOthers(view, index, (other, own) => (other.notBefore === undefined) === (own.notBefore === undefined)),
  enabled: (view, index) => (self(view, index).enabled ? 1 : 0),
  managed: (view, index) => (self(view, index).managed ? 1 : 0),
  "same kind of key": (view, index) =>
    self(view, index).kind === "secret" ? 1 : shareOfOthers(view, index, (other, own) => other.keyType === own.keyType),
  "only one of its kind of key": (view, index) =>
    self(view, index).kind === "secret"
      ? 0
      : shareOfOthers(view, index, (other, own) => other.kind === "key" && other.keyType !== own.keyType),
};

/** Where a moment lies between the vault's first and now, 0 to 1. */
function lifeShare(view: View, moment: number): number {
  const start = Math.min(...view.objects.map(({ created }) => created));
  return (moment - start) / Math.max(1e-6, view.day - start);
}

/** How far the next other moment is, beside the vault's mean pause between two: the logarithm of their ratio. */
export function alone(view: View, index: number, moment: (object: Listed) => number): number {
  const gap = nearestOther(view, index, (other, own) => Math.abs(moment(other) - moment(own)), view.day);
  const start = Math.min(...view.objects.map(moment));
  return Math.log10((gap * view.objects.length) / Math.max(1e-6, view.day - start) + 1e-6);
}

/** The middle value, `none` when there is no value. */
export function median(values: readonly number[], none: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? none;
}

function weekday(day: number): number {
  return ((Math.floor(day) % 7) + 7) % 7;
}

export function meanHourGap(view: View, index: number, moment: (object: Listed) => number): number {
  const own = hourOf(moment(self(view, index)));
  return view.objects.reduce((sum, object) => sum + apart(hourOf(moment(object)), own), 0) / view.objects.length;
}

function sharesTagValue(other: Listed, own: Listed): boolean {
  for (const [key, value] of own.tags) if (other.tags.get(key) === value) return true;
  return false;
}

function termOf({ created, expires }: Listed): number {
  return expires === undefined ? -1 : expires - created;
}

/** For tags that grow with time, as ticket numbers and dates: how many others contradict the order of making. */
function outOfOrder(view: View, index: number): number {
  const own = self(view, index);
  let wrong = 0;
  for (const [key, value] of own.tags) {
    if (!/\d{4}/.test(value)) continue;
    for (const other of view.objects) {
      const theirs = other.tags.get(key);
      if (theirs === undefined || theirs === value || theirs.length !== value.length) continue;
      const [born, otherBorn] = [own.versions[0] ?? own.created, other.versions[0] ?? other.created];
      if (born < otherBorn !== value < theirs) wrong++;
    }
  }
  return wrong / Math.max(1, view.objects.length - 1);
}
