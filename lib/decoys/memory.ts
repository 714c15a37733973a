import type { ListedObject, VaultPicture } from "./picture";

/** What is known of one neighbour's versions, from the look at planting and from each look since. */
export interface Remembered {
  name: string;
  kind: "secret" | "key";
  managed: boolean;
  /** When each known version was made, oldest first; never empty. */
  made: readonly Date[];
  /** Since when no version can have been missed. */
  knownSince: Date;
  /** The last look at which it was there. */
  seen: Date;
}

/** Further versions that a program makes within this time of the last are one, milliseconds. */
const SAME_VERSION_MS = 60_000;

/**
 * Adds what a list says at `now` to what earlier ones said. A list shows the current version of each object, so a look each
 * week misses no rhythm that a decoy could have.
 *
 * @param logDays how far back the versions of `listed` are complete, where they come from the log
 */
export function remember(
  memory: readonly Remembered[],
  listed: readonly ListedObject[],
  now: Date,
  logDays = 0,
): Remembered[] {
  const known = new Map(memory.map((one) => [keyOf(one), one]));
  for (const object of listed) {
    const before = known.get(keyOf(object));
    const { name, kind, managed } = object;
    const made = before ? withVersion(before.made, object.created) : versionsOf(object);
    const knownSince = before?.knownSince ?? firstKnown(made, memory.length === 0, now, logDays);
    known.set(keyOf(object), { name, kind, managed, made, knownSince, seen: now });
  }
  return [...known.values()];
}

function versionsOf({ versions = [], created }: ListedObject): readonly Date[] {
  return versions.length > 0 ? versions : [created];
}

/** At the first look only what the log shows is complete; what comes later was made since the last look. */
function firstKnown(made: readonly Date[], first: boolean, now: Date, logDays: number): Date {
  const [oldest = now] = made;
  if (!first) return oldest;
  return now.getTime() - oldest.getTime() < logDays * 86_400_000 ? oldest : now;
}

function withVersion(made: readonly Date[], created: Date): readonly Date[] {
  const last = made.at(-1)?.getTime() ?? Number.NEGATIVE_INFINITY;
  return created.getTime() > last + SAME_VERSION_MS ? [...made, created] : made;
}

export function keyOf({ kind, name }: Pick<Remembered, "kind" | "name">): string {
  return `${kind}/${name.toLowerCase()}`;
}

/** The same as a picture, for what asks one about hours. */
export function pictureOfMemory(memory: readonly Remembered[], since?: Date): VaultPicture {
  return {
    objects: memory.map(({ name, kind, managed, made }) => {
      const created = made.at(-1) ?? new Date(0);
      return { name, kind, managed, enabled: true, created, updated: created, versions: made };
    }),
    since,
    softDeleted: [],
    siblings: [],
  };
}
