import type { Listed } from "./listing";

/** How one vault looks to somebody who compares its objects: the same questions are asked about each of them. */
export interface View {
  objects: readonly Listed[];
  /** What other people's estates taught about single facts (words, types, tags): log odds that a decoy has it. */
  weightOf: (fact: string) => number;
  /** The estate around: only the questions of the fourth level are about it. */
  around: Surroundings;
  day: number;
}

export interface Surroundings {
  /** Number of other vaults in which a word occurs, and how often it occurs there in all. */
  word: (word: string) => { vaults: number; times: number };
  teamWord: (word: string) => number;
  /** Number of other vaults with this very name. */
  name: (name: string) => number;
  type: (contentType: string) => number;
  tagKey: (key: string) => number;
  /** Other vaults' first versions, sorted; those of names without a double; those made alone. */
  births: Float64Array;
  oddBirths: Float64Array;
  loneBirths: Float64Array;
}

/** One question: a figure about object `index` of a view. */
export type Question = (view: View, index: number) => number;

/** Share of the other objects for which `like` holds, 0 to 1; 0 when there are none. */
export function shareOfOthers(view: View, index: number, like: (other: Listed, self: Listed) => boolean): number {
  const self = view.objects[index];
  if (self === undefined || view.objects.length < 2) return 0;
  let count = 0;
  for (let other = 0; other < view.objects.length; other++) {
    const object = view.objects[other];
    if (other !== index && object !== undefined && like(object, self)) count++;
  }
  return count / (view.objects.length - 1);
}

/** The least of `distance` over the other objects; `none` when there are none. */
export function nearestOther(
  view: View,
  index: number,
  distance: (other: Listed, self: Listed) => number,
  none: number,
): number {
  const self = view.objects[index];
  let least = none;
  for (let other = 0; other < view.objects.length; other++) {
    const object = view.objects[other];
    if (other === index || object === undefined || self === undefined) continue;
    least = Math.min(least, distance(object, self));
  }
  return least;
}

export function self(view: View, index: number): Listed {
  const found = view.objects[index];
  if (found === undefined) throw new Error(`A view has no object ${index}.`);
  return found;
}
