import { isClosed } from "@/lib/azure/vault-network.pure";
import {
  type DecoyKind,
  type PolicyObjection,
  type Reader,
  readersKnown,
  type SafetyFacts,
  type VaultProperties,
} from "./facts.pure";
import { acceptingSentence, objectionSentence, readerSentence, SENTENCES } from "./sentences.pure";

export type RefusalCode =
  | "vault_unknown"
  | "unreachable"
  | "readers_unknown"
  | "reads_everything"
  | "reads_some"
  | "backed_up"
  | "throttled"
  | "access_policies_full"
  | "role_assignments_full"
  | "policy_denies";

/** Why no decoy of this kind may be planted. `sentence` names the pattern of use that it protects, `fix` what to do. */
export interface Refusal {
  code: RefusalCode;
  kind: DecoyKind;
  sentence: string;
  fix: string;
  /** A person may accept this risk by name (`acceptUnknownReaders`); it is a warning then. */
  acceptable: boolean;
}

export type Sentence = string;

/** How a decoy gets into the vault: by its own API, or, past a closed network and for keys only, by a write through ARM. */
export type Way = "data_plane" | "arm_key";

export interface PlantingWish {
  /** auto = a secret where nothing is in the way of one, else a key. */
  kind: "auto" | DecoyKind;
  count: number;
  /** A person has read the risk that `acceptable` refusals name, and takes it. The caller records who. */
  acceptUnknownReaders: boolean;
}

export interface Judgement {
  kind: DecoyKind;
  way: Way;
  /** Empty = it may be planted. */
  refusals: Refusal[];
  warnings: Sentence[];
  /** A disabled or expired object would stop an application that loads everything: the decoy stays enabled, without expiry. */
  mustStayEnabled: boolean;
}

/** Access policies of a vault. Source: VaultProperties of @azure/arm-keyvault. */
const ACCESS_POLICIES_MAX = 1_024;
/** Role assignments of a subscription. Source: "Azure RBAC limits", Microsoft Learn. */
const ROLE_ASSIGNMENTS_MAX = 4_000;
/** Left over for others: a limit is not for us to reach. */
const SPARE = 0.02;
/** Days of the last seven on which a vault turned calls away; one bad day says little. */
const THROTTLED_DAYS = 2;

/**
 * Whether planting in a vault is harmless, as far as the facts go, and which kind of decoy is the harmless one. Pure. What
 * is unknown never counts as safe: it is a refusal or, where it can harm nobody, at least a warning.
 */
export function judgePlanting(facts: SafetyFacts, wish: PlantingWish): Judgement {
  if (wish.kind !== "auto") return judgeKind(facts, wish.kind, wish.acceptUnknownReaders);
  // A risk that a person accepts is taken only where no kind goes without it.
  const [secret, key] = [judgeKind(facts, "secret", false), judgeKind(facts, "key", false)];
  if (secret.refusals.length === 0) return secret;
  const accepted = wish.acceptUnknownReaders ? judgeKind(facts, "secret", true) : secret;
  const acceptedKey = wish.acceptUnknownReaders ? judgeKind(facts, "key", true) : key;
  const keys = [key, acceptedKey].find(({ refusals }) => refusals.length === 0);
  if (keys) return { ...keys, warnings: [...secret.refusals.map(insteadOf), ...keys.warnings] };
  return accepted.refusals.length === 0 ? accepted : acceptedKey;
}

function insteadOf({ sentence }: Refusal): Sentence {
  return `${sentence} ${SENTENCES.keyInstead}`;
}

function judgeKind(facts: SafetyFacts, kind: DecoyKind, accept: boolean): Judgement {
  const way: Way = closed(facts) && kind === "key" ? "arm_key" : "data_plane";
  const all = [
    ...vaultRefusals(facts, kind),
    ...readerRefusals(facts, kind),
    ...throttleRefusals(facts, kind),
    ...policyRefusals(facts, kind, way),
  ];
  const taken = accept ? all.filter(({ acceptable }) => acceptable) : [];
  return {
    kind,
    way,
    refusals: all.filter((one) => !taken.includes(one)),
    warnings: [...taken.map(({ sentence }) => acceptingSentence(sentence)), ...warningsOf(facts, kind, way)],
    mustStayEnabled: !readersKnown(facts) || readersOf(facts, kind).some(({ pattern }) => pattern !== "backup"),
  };
}

function closed({ vault }: SafetyFacts): boolean {
  return vault.known && isClosed(vault.value.network);
}

function readersOf({ readers }: SafetyFacts, kind: DecoyKind): readonly Reader[] {
  return readers.known ? readers.value.readers.filter((one) => one.kind === kind) : [];
}

function vaultRefusals({ vault }: SafetyFacts, kind: DecoyKind): Refusal[] {
  if (!vault.known) return [final("vault_unknown", kind, SENTENCES.vaultUnknown(vault.why), SENTENCES.tryLater)];
  const { network } = vault.value;
  const refusals = limitRefusals(vault.value, kind);
  if (!isClosed(network) || kind === "key") return refusals;
  return [final("unreachable", kind, SENTENCES.unreachable[network], SENTENCES.fixUnreachable), ...refusals];
}

function limitRefusals(vault: VaultProperties, kind: DecoyKind): Refusal[] {
  if (vault.permissionModel === "policies") {
    if (vault.accessPolicies < ACCESS_POLICIES_MAX * (1 - SPARE)) return [];
    return [final("access_policies_full", kind, SENTENCES.accessPoliciesFull, SENTENCES.fixAccessPolicies)];
  }
  if ((vault.roleAssignments ?? 0) < ROLE_ASSIGNMENTS_MAX * (1 - SPARE)) return [];
  return [final("role_assignments_full", kind, SENTENCES.roleAssignmentsFull, SENTENCES.fixRoleAssignments)];
}

function readerRefusals(facts: SafetyFacts, kind: DecoyKind): Refusal[] {
  const { readers } = facts;
  const refusals = readersOf(facts, kind).flatMap((reader) => refusalOf(reader) ?? []);
  // A key is what is planted where the readers are unknown: an application that loads its configuration loads secrets.
  if (readersKnown(facts) || kind === "key") return refusals;
  const sentence = readers.known ? SENTENCES.fewDays(readers.value.days) : SENTENCES.readersUnknown(readers.why);
  return [acceptable("readers_unknown", kind, sentence, SENTENCES.fixReaders), ...refusals];
}

function refusalOf(reader: Reader): Refusal | undefined {
  const { kind, pattern } = reader;
  const sentence = readerSentence(reader);
  switch (pattern) {
    case "prefix":
      // Harmless under another name: `selectedPrefixes` keeps names away from it.
      return undefined;
    case "everything":
      return final("reads_everything", kind, sentence, kind === "secret" ? SENTENCES.plantKey : SENTENCES.plantSecret);
    case "some":
      return acceptable("reads_some", kind, sentence, SENTENCES.otherKind(kind));
    case "backup":
      return acceptable("backed_up", kind, sentence, SENTENCES.otherKind(kind));
  }
}

function throttleRefusals({ readers }: SafetyFacts, kind: DecoyKind): Refusal[] {
  if (!readers.known || readers.value.throttledDays < THROTTLED_DAYS) return [];
  return [final("throttled", kind, SENTENCES.throttled(readers.value.throttledDays), SENTENCES.fixThrottled)];
}

function objectionsTo({ objections }: SafetyFacts, kind: DecoyKind, way: Way): readonly PolicyObjection[] {
  if (!objections.known) return [];
  const api = way === "arm_key" ? "arm" : "data";
  // A write through ARM meets both: Key Vault's own rules hold for every object.
  return objections.value.filter((one) => one.kind === kind && (one.api === "data" || one.api === api));
}

function policyRefusals(facts: SafetyFacts, kind: DecoyKind, way: Way): Refusal[] {
  return objectionsTo(facts, kind, way)
    .filter(({ verdict }) => verdict === "denies")
    .map((one) => final("policy_denies", kind, objectionSentence(one), SENTENCES.fixPolicy));
}

function warningsOf(facts: SafetyFacts, kind: DecoyKind, way: Way): Sentence[] {
  const { vault, readers, objections } = facts;
  return [
    ...objectionsTo(facts, kind, way)
      .filter(({ verdict }) => verdict === "may")
      .map(objectionSentence),
    ...(objections.known ? [] : [SENTENCES.policiesUnknown(objections.why)]),
    ...(kind === "key" && !readers.known ? [SENTENCES.readersUnknown(readers.why)] : []),
    ...(kind === "key" && readers.known && !readersKnown(facts) ? [SENTENCES.fewDays(readers.value.days)] : []),
    ...(vault.known && vault.value.permissionModel === "rbac" && vault.value.roleAssignments === undefined
      ? [SENTENCES.assignmentsUnknown]
      : []),
    ...(vault.known && vault.value.purgeProtection ? [SENTENCES.purgeProtected(vault.value.retentionDays)] : []),
    ...(vault.known && !vault.value.softDelete ? [SENTENCES.noSoftDelete] : []),
    ...(way === "arm_key" ? [SENTENCES.throughArm] : []),
  ];
}

function final(code: RefusalCode, kind: DecoyKind, sentence: string, fix: string): Refusal {
  return { code, kind, sentence, fix, acceptable: false };
}

function acceptable(code: RefusalCode, kind: DecoyKind, sentence: string, fix: string): Refusal {
  return { code, kind, sentence, fix, acceptable: true };
}
