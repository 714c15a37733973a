import type { Check } from "./checks.pure";
import type { PlanState, PlanStep, Remaining } from "./run.pure";

/** What is fixed about a step. */
type About = Omit<PlanStep, "state" | "detail" | "fix" | "needs" | "rights" | "command">;

/** A step as it was looked at. `data` is what it keeps to when it is carried out. */
export interface Looked {
  about: About;
  needs: readonly string[];
  rights: readonly { action: string; where: string }[];
  command: string | undefined;
  seen:
    | {
        state: "right" | "missing" | "cannot";
        detail: string;
        fix?: string;
        command?: string;
        data?: Record<string, unknown>;
      }
    | { state: "unknown"; detail: string; fix?: string };
  /** Rights that the person lacks for it, each a sentence. */
  lacks: readonly string[];
}

/** Which steps answer a check; each by how its id begins. Whatever else is not right stays for people. */
const ANSWERED_BY: readonly (readonly [check: string, step: string])[] = [
  ["collector", "role-collector-"],
  ["workspace", "role-collector-logs"],
  ["registrar", "role-registrar"],
  ["custom-roles", "custom-role-"],
  ["planter", "custom-role-"],
  ["sentinel", "sentinel"],
  ["watchlist", "watchlist"],
  ["rule-", "rules"],
  ["activity-rows", "activity-log-"],
  ["policy", "recommendation"],
];

/** The steps in their order, each with what becomes of it. One that stands on a step that cannot be done cannot either. */
export function planSteps(looked: readonly Looked[]): PlanStep[] {
  const states = new Map<string, PlanState>();
  return looked.map((one) => {
    const { about, rights, command, needs } = one;
    const missing = needs.find((id) => ["blocked", "unknown"].includes(states.get(id) ?? "nothing"));
    const first = looked.find(({ about: { id } }) => id === missing)?.about.title;
    const judged = judge(one, first);
    states.set(about.id, judged.state);
    return {
      ...about,
      ...judged,
      needs: [...needs],
      rights: rights.map(({ action, where }) => `${action} on ${where}`),
      command: ("command" in one.seen ? one.seen.command : undefined) ?? command ?? null,
    };
  });
}

function judge({ seen, lacks }: Looked, standsOn: string | undefined): Pick<PlanStep, "state" | "detail" | "fix"> {
  const { state, detail, fix = "" } = seen;
  if (state === "right") return { state: "nothing", detail, fix };
  if (state === "unknown") return { state: "unknown", detail, fix };
  if (state === "cannot") return { state: "blocked", detail, fix };
  if (lacks.length > 0) return { state: "blocked", detail, fix: lacks.join(" ") };
  if (standsOn !== undefined) return { state: "blocked", detail, fix: `It stands on “${standsOn}”; that comes first.` };
  return { state: "to_do", detail, fix };
}

/** Checks that are not right and that no open step of the plan answers, so that a person has to. */
export function remainingOf(checks: readonly Check[], steps: readonly PlanStep[]): Remaining[] {
  const open = steps.filter(({ state }) => state !== "nothing");
  const answered = ({ id }: Check) =>
    ANSWERED_BY.some(([check, begin]) => id.startsWith(check) && open.some((step) => step.id.startsWith(begin)));
  return checks
    .filter((check) => check.state !== "right" && !answered(check))
    .map(({ id, title, evidence, fix, command, link }) => ({
      ...{ id, title, evidence, fix },
      command: command ?? null,
      link: link ?? null,
    }));
}
