import type { VaultId } from "@/lib/azure/resource-id.pure";
import type { VaultNetwork } from "@/lib/azure/vault-network.pure";

/** What one source said about a vault, or in a sentence why it said nothing. What is not known is never taken for safe. */
export type Fact<T> = { known: true; value: T } | { known: false; why: string };

export type DecoyKind = "secret" | "key";

/**
 * How a caller comes upon objects that it was never told of:
 * everything = lists and reads nearly all; prefix = lists and reads those whose names begin alike; some = lists and reads
 * several, by a rule that the log does not show; backup = copies nearly all by the backup call.
 */
export type ReadingPattern = "everything" | "prefix" | "some" | "backup";

/** What the caller says of itself, as far as its client is a known one. */
export type ReaderClient = "aspnet" | "spring" | "synchroniser" | "script" | "unknown";

/** A caller that a new object in the vault could reach without anybody meaning it. */
export interface Reader {
  /** Object id of the caller in Entra ID, or the application id where the log has no other. */
  caller: string;
  kind: DecoyKind;
  pattern: ReadingPattern;
  client: ReaderClient;
  /** Beginnings of names, lower case, for `prefix`. Server-side only: they are parts of names. */
  prefixes: readonly string[];
}

export interface VaultReaders {
  /** Days up to now that the log covers without a gap; 30 at most. */
  days: number;
  readers: readonly Reader[];
  /** Callers that list certificates and fetch them, as agents that install them do: a secret or key is no concern of theirs. */
  certificateReaders: number;
  /** Different names in use within 30 days, as far as the log shows: what is never read is not among them. */
  names: { secrets: number; keys: number; certificates: number };
  /** On how many of the last seven days the vault refused calls because there were too many (429). */
  throttledDays: number;
  /** Names, lower case, of what was deleted and can still be recovered, as far as the log shows. Server-side only. */
  deleted: readonly string[];
}

export interface VaultProperties {
  location: string;
  tags: Readonly<Record<string, string>>;
  permissionModel: "rbac" | "policies";
  network: VaultNetwork;
  purgeProtection: boolean;
  /** False only for vaults older than the time when deletion became recoverable everywhere. */
  softDelete: boolean;
  retentionDays: number;
  accessPolicies: number;
  /** Role assignments at and below the subscription but the planting identity's; undefined when Resource Graph does not show them. */
  roleAssignments: number | undefined;
}

/** A policy that speaks against the object that we would plant. */
export interface PolicyObjection {
  /** The policy's name as its owner gave it. */
  policy: string;
  kind: DecoyKind;
  /** data = judges writes by the vault's own API; arm = those through Azure Resource Manager. */
  api: "data" | "arm";
  /** denies = it would refuse the object; may = it rests on something that cannot be worked out here. */
  verdict: "denies" | "may";
  /** What it looks at, in words: "an expiry date". */
  about: readonly string[];
}

/** Everything that a safety check rests on, for one vault. */
export interface SafetyFacts {
  vaultId: VaultId;
  vault: Fact<VaultProperties>;
  readers: Fact<VaultReaders>;
  objections: Fact<readonly PolicyObjection[]>;
}

/** Beginnings of names, lower case, by which callers were seen to select what they read: no decoy's name begins so. */
export function selectedPrefixes({ readers }: SafetyFacts): string[] {
  if (!readers.known) return [];
  return [...new Set(readers.value.readers.flatMap(({ prefixes }) => prefixes))].sort();
}

/** Names, lower case, that the vault refuses for a while since they belong to something deleted, as far as that is known. */
export function deletedLately({ readers }: SafetyFacts): readonly string[] {
  return readers.known ? readers.value.deleted : [];
}

/** Days of rows from which on the log is taken to show everybody who reads. */
const DAYS_WANTED = 30;

/** Whether the log shows who reads what: the beginnings that it shows are then all there are. */
export function readersKnown({ readers }: SafetyFacts): boolean {
  return readers.known && readers.value.days >= DAYS_WANTED;
}
