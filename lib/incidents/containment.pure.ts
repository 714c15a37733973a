import { z } from "zod";

/*
 * What to do about an incident, in order. The product records that it was done and by whom; it disables nothing itself.
 */

/** What an incident is about: somebody did something, or vaults from which nothing comes any more. */
export const ABOUT = ["touch", "silence"] as const;
export type About = (typeof ABOUT)[number];

/** What is done about each. A silent vault has no caller: nobody's sessions are ended, and nothing was read. */
export const STEPS = {
  touch: ["keep", "identify", "sessions", "disable", "rotate", "replant"],
  silence: ["setting", "workspace", "reading", "change", "arriving"],
} as const satisfies Record<About, readonly string[]>;
const STEP_NAMES = [...STEPS.touch, ...STEPS.silence] as const;
export type StepName = (typeof STEP_NAMES)[number];

/** Steps that take something away from somebody: a second person has to agree before one counts as done. */
const APPROVED: readonly StepName[] = ["disable"];

function needsApproval(step: StepName): boolean {
  return APPROVED.includes(step);
}

export const STEP_ACTS = ["request", "approve", "refuse", "done", "undo"] as const;
export type StepAct = (typeof STEP_ACTS)[number];

export const NOTE_MAX = 1_000;

/** What a person records about a step of an incident. */
export const StepInput = z.strictObject({
  id: z.guid(),
  step: z.enum(STEP_NAMES),
  act: z.enum(STEP_ACTS),
  note: z.string().trim().max(NOTE_MAX, `At most ${NOTE_MAX} characters.`).default(""),
});
export type StepInput = z.infer<typeof StepInput>;

const Event = z.object({
  act: z.enum(STEP_ACTS),
  oid: z.string(),
  by: z.string(),
  /** ISO 8601, UTC. */
  at: z.string(),
  note: z.string(),
});
export type StepEvent = z.infer<typeof Event>;

/** open; waiting for a second person; agreed to, so that it may be done; done. */
export const STEP_STATES = ["open", "waiting", "approved", "done"] as const;
export type StepState = (typeof STEP_STATES)[number];

/** A step with its whole history, oldest first, and what this person may record now. */
export const StepView = z.object({
  step: z.enum(STEP_NAMES),
  state: z.enum(STEP_STATES),
  events: z.array(Event),
  may: z.array(z.enum(STEP_ACTS)),
});
export type StepView = z.infer<typeof StepView>;

const AFTER: Readonly<Record<StepAct, StepState>> = {
  request: "waiting",
  approve: "approved",
  refuse: "open",
  done: "done",
  undo: "open",
};

/** Where a step stands: what was recorded last says it. */
export function stepState(events: readonly Pick<StepEvent, "act">[]): StepState {
  const last = events.at(-1);
  return last ? AFTER[last.act] : "open";
}

/** What this person (object id) may record next. Who asked for a thing cannot agree to it. */
export function mayRecord(
  step: StepName,
  events: readonly Pick<StepEvent, "act" | "oid">[],
  oid: string,
): readonly StepAct[] {
  switch (stepState(events)) {
    case "open":
      return [needsApproval(step) ? "request" : "done"];
    case "waiting":
      return events.at(-1)?.oid === oid ? ["undo"] : ["approve", "refuse"];
    case "approved":
      return ["done", "undo"];
    case "done":
      return ["undo"];
  }
}

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const OBJECT_NAME = /^[0-9a-z-]{1,127}$/i;

/** A command for the Azure CLI, with what it does. */
export interface Command {
  about: string;
  command: string;
}

type Caller = { kind: "user" | "managed identity" | "application" | "unknown"; oid: string | null };

/**
 * How to end what a caller has open. None for a caller without an object id: whatever stands in the log, only a GUID is
 * ever put into a command.
 */
export function sessionCommands(caller: Caller, graph: string): Command[] {
  if (!caller.oid || !GUID.test(caller.oid) || caller.kind !== "user") return [];
  const url = `${graph}/v1.0/users/${caller.oid}/revokeSignInSessions`;
  return [{ about: "Ends all sessions of this person", command: `az rest --method POST --url ${url}` }];
}

/** How to stop a caller from signing in at all. */
export function disableCommands(caller: Caller): Command[] {
  const { oid } = caller;
  if (!oid || !GUID.test(oid)) return [];
  if (caller.kind === "user") {
    return [
      { about: "Disables this person's account", command: `az ad user update --id ${oid} --account-enabled false` },
    ];
  }
  if (caller.kind === "application") {
    return [
      { about: "Disables this application here", command: `az ad sp update --id ${oid} --set accountEnabled=false` },
    ];
  }
  return [
    {
      about: "Lists the roles of this identity; take away those on key vaults",
      command: `az role assignment list --all --assignee ${oid} --output table`,
    },
  ];
}

/** How to put a new value where an old one was read; undefined for a name that no vault can hold. */
export function rotateCommand({ vaultId, kind, name }: { vaultId: string; kind: string; name: string }) {
  const vault = vaultId.slice(vaultId.lastIndexOf("/") + 1);
  if (!OBJECT_NAME.test(name) || !OBJECT_NAME.test(vault)) return undefined;
  const where = `--vault-name ${vault} --name ${name}`;
  if (kind === "secrets") return `az keyvault secret set ${where} --file NEW_VALUE_FILE`;
  if (kind === "keys") return `az keyvault key rotate ${where}`;
  return kind === "certificates" ? `az keyvault certificate create ${where} --policy @POLICY_FILE` : undefined;
}
