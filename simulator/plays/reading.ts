import { Random } from "../world/random";
import { type Listed, listAll } from "./listing";
import { HOUR_MS, QUICK_MS, type Script, type Stage, VaultClient } from "./play";

/** Lists all secrets, then reads each value that is enabled, as fast as a program can. */
export function* listThenGet({ vault }: Stage, { limit }: { limit: number }): Script {
  const client = new VaultClient(vault, "workload");
  yield client.handshake("/secrets");
  const secrets = yield* listAll(client, "secrets");
  for (const { name } of secrets.filter(({ enabled }) => enabled).slice(0, limit))
    yield client.get(`/secrets/${name}/`, "Read the value");
}

/** Lists all secrets, thinks it over for hours, and reads only the one that promises most. */
export function* carefulPicker(
  { vault, reader }: Stage,
  { by, waitHours }: { by: "name" | "age"; waitHours: number },
): Script {
  const client = new VaultClient(vault, reader);
  const secrets = (yield* listAll(client, "secrets")).filter(({ enabled, managed }) => enabled && !managed);
  const chosen = secrets.reduce<Listed | undefined>(
    (best, one) => (best === undefined || promise(one, by) > promise(best, by) ? one : best),
    undefined,
  );
  if (!chosen) return;
  yield client.get(`/secrets/${chosen.name}/`, "Read the one value that promises most", waitHours * HOUR_MS);
}

/** Words that promise access, with how much. */
const WORDS: readonly (readonly [pattern: RegExp, worth: number])[] = [
  [/root|admin|break-?glass|master/i, 5],
  [/recovery|svc|service-?account|backup/i, 4],
  [/password|client-?secret|private/i, 3],
  [/connection|access-?key|sql/i, 2],
  [/token|api-?key|sas/i, 1],
];

/** How much an entry of a list promises: by its name, or by being the one that was changed last. */
function promise({ name, updated, expires }: Listed, by: "name" | "age"): number {
  if (by === "age") return updated;
  const worth = WORDS.reduce((sum, [pattern, value]) => sum + (pattern.test(name) ? value : 0), 0);
  // What has run out opens nothing any more.
  return expires !== undefined && expires < updated ? worth - 5 : worth;
}

/** One list, then a value every few hours, in no order, with the application's own user agent. */
export function* slowAndLow(
  { vault, seed }: Stage,
  { reads, everyHours }: { reads: number; everyHours: number },
): Script {
  const random = new Random(`${seed}/slow/${vault.name}`);
  const client = new VaultClient(vault, "workload");
  const secrets = (yield* listAll(client, "secrets", QUICK_MS)).filter(({ enabled }) => enabled);
  for (const { name } of random.shuffle(secrets).slice(0, reads)) {
    const after = Math.round(everyHours * HOUR_MS * (0.7 + random.next() * 0.6));
    yield client.get(`/secrets/${name}/`, "Read one value, and wait", after);
  }
}
