import "server-only";
import type { ServiceContext } from "@/lib/context";
import { AppError } from "@/lib/errors";
import type { ExceptionRow, RegisterRow } from "@/lib/register/rows";
import type { BrokenBy } from "@/lib/store/schema";
import { BROKEN } from "./facts.pure";
import type { Source } from "./internal/bulk-facts";
import { gatherKnowledge } from "./internal/knowledge";

/** What is wrong with a published decoy. */
export interface BrokenDecoy {
  by: BrokenBy;
  at: Date;
  /** Sentence, without its name. */
  evidence: string;
}

/** The published register as the workspace returns it, and which of its live decoys no longer work. */
export interface RegisterHealth {
  rows: RegisterRow[];
  /** Rows that make touches of a caller count less. */
  exceptionRows: ExceptionRow[];
  /** When the older of its sources was read. */
  readAt: Date;
  /** By token key. */
  broken: ReadonlyMap<string, BrokenDecoy>;
  /** By token key: when an object that stands was last made, recovered or restored, as far as the log remembers. */
  made: ReadonlyMap<string, Date>;
}

/**
 * The health of every published decoy, from the bulk facts that the board has too: no call of its own while those are
 * fresh. `vaultIds` narrows which decoys are judged. Throws AppError when the register or the log could not be read.
 */
export async function registerHealth(service: ServiceContext, vaultIds?: readonly string[]): Promise<RegisterHealth> {
  const knowledge = await gatherKnowledge(service, vaultIds);
  const register = required(knowledge.bulk.register);
  const exceptions = required(knowledge.bulk.exceptionRows);
  const lifecycle = required(knowledge.bulk.lifecycle);
  const broken = new Map<string, BrokenDecoy>();
  for (const vaultId of vaultIds ?? register.data.keys()) {
    for (const { tokenKey, reason, evidence, brokenAt: at } of knowledge.evidenceOf(vaultId)) {
      const by = BROKEN[reason];
      if (by && at) broken.set(tokenKey, { by, at, evidence });
    }
  }
  const readAt = new Date(Math.min(register.readAt.getTime(), lifecycle.readAt.getTime()));
  const made = new Map(
    [...lifecycle.data].flatMap(([key, { created, removed }]) =>
      created && (!removed || created > removed) ? [[key, created] as const] : [],
    ),
  );
  return { rows: [...register.data.values()].flat(), exceptionRows: exceptions.data, readAt, broken, made };
}

function required<T>(source: Source<T>): Extract<Source<T>, { ok: true }> {
  if (source.ok) return source;
  throw new AppError(source.noAccess ? "forbidden" : "unavailable", source.sentence, {
    fix: "It is read again by itself.",
  });
}
