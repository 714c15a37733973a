import "server-only";
import { permissionsAt } from "@/lib/azure/permissions";
import { permits } from "@/lib/azure/permits.pure";
import type { UserContext } from "@/lib/context";
import { AppError, needsPerson } from "@/lib/errors";
import type { PlanStep } from "../../run.pure";

/** One of Azure's actions at a place, and the role that has it. */
export interface Right {
  action: string;
  /** ARM id. */
  scope: string;
  /** The place in words. */
  where: string;
  role: string;
}

/** What stands, seen with the person's own token. `data` is what the step keeps to when it is carried out. */
export interface Look {
  /** cannot = it is missing, and something that only people decide stands before it. */
  state: "right" | "missing" | "cannot";
  detail: string;
  /** Where it cannot be done: what to do first. */
  fix?: string;
  /** Does the same in a shell, where it depends on what was seen. */
  command?: string;
  data?: Record<string, unknown>;
}

export interface Written {
  outcome: "written" | "unchanged" | "failed";
  /** What was written and what was not, a sentence; empty where the state says all. */
  detail: string;
}

/** One step of the set-up. It can be looked at and written again at any time: what is right already stays untouched. */
export interface SetupStep extends Pick<PlanStep, "id" | "title" | "why" | "where" | "writes" | "by"> {
  /** Ids of steps without which it has nothing to stand on. */
  needs: readonly string[];
  rights: readonly Right[];
  command?: string;
  /** The feature that writes leaves the audit rows of what it wrote. */
  recorded?: boolean;
  look(ctx: UserContext): Promise<Look>;
  /** Throws AppError when nothing was written. */
  write(ctx: UserContext, data: Record<string, unknown>): Promise<Written>;
}

export const RIGHT: Look = { state: "right", detail: "" };
export const WRITTEN: Written = { outcome: "written", detail: "" };

/** The last part of an ARM id. */
export const nameOf = (id: string): string => id.split("/").at(-1) ?? "";

/** Rights that the person lacks for a step, each a sentence with whom to ask; asked of Azure now. */
export async function lacking(ctx: UserContext, rights: readonly Right[]): Promise<string[]> {
  const held = new Map<string, ReturnType<typeof permissionsAt>>();
  const asked = rights.map(async ({ action, scope, where, role }) => {
    const permissions = held.get(scope) ?? permissionsAt(ctx.asUser, scope);
    held.set(scope, permissions);
    try {
      if (permits(await permissions, action, "control")) return [];
      return [`You lack the right ${action} on ${where}. Ask an administrator there for the role ${role}.`];
    } catch (error) {
      if (!(error instanceof AppError) || needsPerson(error)) throw error;
      return [`Your rights on ${where} could not be checked. ${error.failure.message}`];
    }
  });
  return (await Promise.all(asked)).flat();
}
