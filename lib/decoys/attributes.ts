import { daysBetween, type KeyShape, type ListedObject } from "./picture";
import { below, pick, type Random } from "./random";
import { tokensOf } from "./tokens";

/** What a decoy carries beside its name. Absent where the vault's own objects carry nothing. */
export interface DecoyAttributes {
  contentType?: string;
  tags?: Record<string, string>;
  /** Days that each version is valid. */
  expiresInDays?: number;
  /** Whether each version says from when it is valid: the moment at which it is made. */
  notBefore: boolean;
  key?: KeyShape;
}

/**
 * The shortest term, days. An expired decoy no longer counts as working, so a shorter term would make one missed renewal
 * turn the vault red within weeks.
 */
export const SHORTEST_TERM_DAYS = 90;

/** Without a planned history nobody renews a decoy: only terms beyond this, days, are copied then. */
const UNRENEWED_TERM_DAYS = 365;

/** What is known of a decoy before it carries anything. */
interface BareDecoy {
  name: string;
  kind: "secret" | "key";
  created: Date;
  /** When its vault was made, where that is known. */
  since: Date | undefined;
  /** Whether further versions will be made. */
  renewed: boolean;
}

/**
 * Copies what one neighbour (`like`) carries, as a whole: what belongs together stays together, and so does absence.
 * Tag values that speak of the neighbour itself speak of the decoy instead: its word for their word, the day for their
 * day, a number of the same series for their number.
 */
export function attributesLike(
  like: ListedObject,
  neighbours: readonly ListedObject[],
  decoy: BareDecoy,
  random: Random,
): DecoyAttributes {
  const term = like.expires === undefined ? undefined : termOf(like.expires, like.created, decoy.renewed, random);
  const tags = like.tags === undefined ? {} : tagsLike(like.tags, { like, neighbours, decoy, random });
  return {
    ...(decoy.kind === "secret" && like.contentType !== undefined && { contentType: like.contentType }),
    ...(Object.keys(tags).length > 0 && { tags }),
    ...(term !== undefined && { expiresInDays: term }),
    notBefore: like.notBefore !== undefined,
    ...(decoy.kind === "key" && { key: like.key ?? { type: "RSA", size: 2048 } }),
  };
}

function termOf(expires: Date, created: Date, renewed: boolean, random: Random): number | undefined {
  const days = Math.round(daysBetween(created, expires) * 1440) / 1440;
  if (!renewed) return days > UNRENEWED_TERM_DAYS ? days : undefined;
  return days >= SHORTEST_TERM_DAYS ? days : SHORTEST_TERM_DAYS + below(30, random);
}

/** What a decoy takes after, and by what chance. */
interface Dressing {
  like: ListedObject;
  neighbours: readonly ListedObject[];
  decoy: BareDecoy;
  random: Random;
}

function tagsLike(tags: Readonly<Record<string, string>>, dressing: Dressing): Record<string, string> {
  return Object.fromEntries(Object.entries(tags).map(([key, value]) => [key, valueLike(key, value, dressing)]));
}

function valueLike(key: string, value: string, { like, neighbours, decoy, random }: Dressing): string {
  if (/^\d{4}-\d\d-\d\d$/.test(value)) return decoy.created.toISOString().slice(0, 10);
  const own = replacementWord(value, like.name, decoy.name);
  if (own !== undefined) return own;
  const series = SERIES.exec(value);
  const all = neighbours.flatMap(({ tags }) => tags?.[key] ?? []);
  // What most share is no number of a series, such as a cost centre.
  if (series === null || new Set(all).size * 2 <= all.length) return value;
  return nextInSeries(key, series, neighbours, decoy, random) ?? value;
}

/** A tag that ends in a number, such as a ticket's. */
const SERIES = /^(.*?)(\d{3,})$/;

/** The decoy's word that stands where the neighbour's word stood, when a tag repeats one of its name. */
function replacementWord(value: string, theirs: string, ours: string): string | undefined {
  const lower = value.toLowerCase();
  if (lower.length < 3 || !theirs.toLowerCase().includes(lower)) return undefined;
  const words = tokensOf(theirs);
  const at = words.indexOf(lower);
  const own = tokensOf(ours);
  const known = new Set(words);
  const fresh = own.find((word) => !known.has(word) && word.length > 2);
  if (ours.toLowerCase().includes(lower)) return value;
  return (at >= 0 && own.length === words.length ? own[at] : undefined) ?? fresh;
}

/**
 * A number beyond those of the neighbours, all made before, so that the series still grows with time. The order of the numbers
 * is the better clock: of what was renewed a list shows a later day than that of its number.
 */
function nextInSeries(
  key: string,
  [, prefix = "", digits = ""]: RegExpExecArray,
  neighbours: readonly ListedObject[],
  { created, since }: Pick<BareDecoy, "created" | "since">,
  random: Random,
): string | undefined {
  const known = neighbours
    .flatMap((other) => {
      const found = SERIES.exec(other.tags?.[key] ?? "");
      return found?.[1] === prefix
        ? [{ at: (other.versions?.[0] ?? other.created).getTime(), number: Number(found[2]) }]
        : [];
    })
    .sort((a, b) => a.number - b.number);
  const [first, last] = [known[0], known.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  // The slowest pace that they can have had: one beyond those that people will give out shows, one too small hardly.
  const lived =
    created.getTime() - Math.min(since?.getTime() ?? Number.POSITIVE_INFINITY, ...known.map(({ at }) => at));
  const pace = (last.number - first.number) / Math.max(1, lived);
  const step = (last.number - first.number) / Math.max(1, known.length - 1);
  const passed = pace * Math.max(0, created.getTime() - last.at);
  const number = Math.round(last.number + passed) + 1 + below(Math.max(1, Math.round(step * SCATTER)), random);
  return prefix + String(number).padStart(digits.length, "0");
}

/** Two that are made at once have numbers that are apart by some of the usual step. */
const SCATTER = 0.1;

/** A neighbour to take after: of the same kind when there is one. */
export function modelFor(
  kind: "secret" | "key",
  neighbours: readonly ListedObject[],
  random: Random,
): ListedObject | undefined {
  const alike = neighbours.filter((object) => object.kind === kind);
  return alike.length > 0 ? pick(alike, random) : undefined;
}
