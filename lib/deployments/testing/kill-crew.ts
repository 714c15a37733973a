import { setTimeout as pause } from "node:timers/promises";
import { type Member, startMember } from "./crew";

export interface KillCrew {
  program: string;
  environment: Record<string, string>;
  /** Processes that live at the same time. */
  workers: number;
  /** SIGKILLs, each of one process at a random moment; then a fresh one is started beside the others. */
  kills: number;
  /** Milliseconds from one kill to the next at least and at most, from when the process that is killed works. */
  lives: readonly [number, number];
  /** Steps of all vaults together: a life ends early rather than that nothing would be left for the kills to come. */
  steps: number;
  /** Numbers in [0, 1). */
  random: () => number;
  /** Told how it goes, a sentence at a time. */
  say?: (sentence: string) => void;
}

/** Of so many lives one ends at a moment that is counted from its very start, so that starting is cut off too. */
const YOUNG = 0.2;
/** Whoever holds vaults is what a kill is for; of several workers others may hold none. */
const AT_WORK = 0.8;
const LOOK_MS = 50;
const PATIENCE_MS = 45 * 60_000;

/** Ends one process after the other with SIGKILL while the deployment runs, then lets the living ones finish. */
export async function killAgainAndAgain(killing: KillCrew): Promise<{ killed: number; atWork: number }> {
  const { program, environment, workers, kills, say } = killing;
  const crew = Array.from({ length: workers }, () => startMember(program, environment));
  const counts = { killed: 0, atWork: 0 };
  try {
    while (counts.killed < kills) {
      const victim = await nextVictim(crew, killing, kills - counts.killed);
      if (!victim) break;
      victim.signal("SIGKILL");
      await victim.gone;
      if (victim.finished) break;
      counts.killed++;
      if ((victim.progress?.inHand ?? 0) > 0) counts.atWork++;
      say?.(`Kill ${counts.killed}: ${victim.progress?.inHand ?? "no"} vaults in hand, ${stepsOf(crew)} steps done.`);
      crew[crew.indexOf(victim)] = startMember(program, environment);
    }
    await Promise.race([
      Promise.all(crew.map(({ gone }) => gone)),
      pause(PATIENCE_MS, undefined, { ref: false }).then(() =>
        Promise.reject(new Error("The deployment did not end.")),
      ),
    ]);
    if (!crew.some(({ finished }) => finished)) throw new Error("Every process ended before the deployment did.");
    return counts;
  } finally {
    for (const member of crew) member.signal("SIGKILL");
  }
}

/** Waits for the moment of the next kill, of `left`; undefined when the deployment has ended before. */
async function nextVictim(
  crew: readonly Member[],
  { lives: [least, most], steps, random }: KillCrew,
  left: number,
): Promise<Member | undefined> {
  const life = least + random() * (most - least);
  const young = random() < YOUNG;
  const done = stepsOf(crew);
  const goal = done + ((steps - done) / (left + 1)) * 2 * random();
  let begun = young ? Date.now() : undefined;
  for (;;) {
    if (crew.some(({ finished }) => finished)) return undefined;
    if (crew.some(({ progress }) => progress !== undefined)) begun ??= Date.now();
    const over = begun !== undefined && Date.now() - begun >= life;
    if (over || (!young && stepsOf(crew) > goal)) return oneOf(crew, random);
    await pause(LOOK_MS);
  }
}

function oneOf(crew: readonly Member[], random: () => number): Member | undefined {
  const busy = crew.filter(({ progress }) => (progress?.inHand ?? 0) > 0);
  const from = busy.length > 0 && random() < AT_WORK ? busy : crew;
  return from[Math.floor(random() * from.length)];
}

function stepsOf(crew: readonly Member[]): number {
  return Math.max(0, ...crew.map(({ progress }) => progress?.steps ?? 0));
}
