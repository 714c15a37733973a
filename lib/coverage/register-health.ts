import "server-only";
import type { ServiceContext } from "@/lib/context";
import { AppError } from "@/lib/errors";
import type { ExceptionRow, RegisterRow } from "@/lib/register/rows";
import type { BrokenBy } from "@/lib/store/schema";
import { BROKEN } from "./facts.pure";
import { bulkFacts, type Source } from "./internal/bulk-facts";
import { gatherKnowledge, type Knowledge } from "./internal/knowledge";

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
}

/**
 * The health of every published decoy, from the bulk facts that the board has too: no call of its own while those are
 * fresh. Throws AppError when the register or the log could not be read.
 */
export async function registerHealth(service: ServiceContext): Promise<RegisterHealth> {
  const knowledge = await gatherKnowledge(service);
  const register = required(knowledge.bulk.register);
  const exceptions = required(knowledge.bulk.exceptionRows);
  const lifecycle = required(knowledge.bulk.lifecycle);
  return {
    rows: [...register.data.values()].flat(),
    exceptionRows: exceptions.data,
    readAt: new Date(Math.min(register.readAt.getTime(), lifecycle.readAt.getTime())),
    broken: brokenAmong(knowledge, register.data.keys()),
  };
}

/** Which decoys no longer work in this vault, or in all, by token key. Throws as `registerHealth`. */
export async function brokenDecoys(
  service: ServiceContext,
  vaultId?: string,
): Promise<ReadonlyMap<string, BrokenDecoy>> {
  const knowledge = await gatherKnowledge(service, vaultId === undefined ? undefined : [vaultId]);
  const { data } = required(knowledge.bulk.register);
  required(knowledge.bulk.lifecycle);
  return brokenAmong(knowledge, vaultId === undefined ? data.keys() : [vaultId]);
}

function brokenAmong({ evidenceOf }: Knowledge, vaultIds: Iterable<string>): Map<string, BrokenDecoy> {
  const broken = new Map<string, BrokenDecoy>();
  for (const vaultId of vaultIds) {
    for (const { tokenKey, reason, evidence, brokenAt: at } of evidenceOf(vaultId)) {
      const by = BROKEN[reason];
      if (by && at) broken.set(tokenKey, { by, at, evidence });
    }
  }
  return broken;
}

/**
 * When each object that stands was last made, recovered or restored, by token key, as far as the log remembers. Throws
 * AppError when the log could not be read.
 */
export async function lastMade(service: ServiceContext): Promise<ReadonlyMap<string, Date>> {
  const { data } = required((await bulkFacts(service)).lifecycle);
  return new Map(
    [...data].flatMap(([key, { created, removed }]) =>
      created && (!removed || created > removed) ? [[key, created] as const] : [],
    ),
  );
}

function required<T>(source: Source<T>): Extract<Source<T>, { ok: true }> {
  if (source.ok) return source;
  throw new AppError(source.noAccess ? "forbidden" : "unavailable", source.sentence, {
    fix: "It is read again by itself.",
  });
}
