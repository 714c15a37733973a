import { parseVaultId, type VaultId } from "@/lib/azure/resource-id.pure";
import { isClosed, type VaultNetwork } from "@/lib/azure/vault-network.pure";
import type { ArmObject } from "@/lib/azure/vaults";
import { AppError } from "@/lib/errors";
import type { ErrorCode } from "@/lib/errors.pure";
import type { SafetyFacts } from "@/lib/safety/facts.pure";
import { ClaimLost } from "../internal/ledger";

/*
 * The little of Azure that a planting meets, in memory and in a time of its own, so that thousands of interleavings run
 * in seconds: delays, refusals, answers that get lost, other people, and the end of our process at any moment.
 */

/** What may befall a planting. */
export const MISHAPS = [
  "kill before",
  "kill after",
  /** Killed with the write still on its way: Azure does it a while later. */
  "kill on the way",
  "lost answer",
  "outage",
  "throttled",
  /** Azure does not take our token for a moment. */
  "token refused",
  /** Something else is changing the same thing. */
  "collision",
] as const;

/** It befalls the n-th step of a run (a call to Azure or a statement to our database), or its n-th write. */
export interface Mishap {
  what: (typeof MISHAPS)[number];
  at: number;
  of: "steps" | "writes";
}

interface FakeObject {
  kind: "secret" | "key";
  name: string;
  versions: { version: string; by: string; at: number }[];
  deleted: boolean;
}

interface Row {
  fields: Record<string, string>;
  previous: Record<string, string> | undefined;
  visibleAt: number;
}

export const PLANTER = "0b0b0b0b-0000-4000-8000-000000000001";
export const SOMEBODY = "0c0c0c0c-0000-4000-8000-000000000002";
const GRANT_DELAY = 20_000;
const REGISTER_DELAY = 60_000;
const ROW_DELAY = 200_000;
/** A request that was sent is done by Azure within this time, or never. */
const LATE = 90_000;

export class FakeAzure {
  now = Date.parse("2026-11-22T10:00:00Z");
  objects: FakeObject[] = [];
  rows = new Map<string, Row>();
  assignments = new Map<string, number>();
  policies: { tenantId: string; objectId: string; secrets: string[]; keys: string[] }[] = [];
  /** When the planter's entry last gained something. */
  policyAt = 0;
  mishaps: Mishap[] = [];
  steps = 0;
  /** Things that must never happen, noted as they happen. */
  violations: string[] = [];
  /** Called right before the n-th write into the vault: what another person does in that moment. */
  meanwhile: ((write: number) => void) | undefined;
  auditLog = true;
  network: VaultNetwork = "public";
  registerStuck = false;
  /** Whose rows never reach the audit log. */
  rowsLostOf: string | undefined;
  /** From when the audit log has rows, ms since 1970. */
  logBegins = 0;
  /** When the vault itself was read. */
  readAt: number[] = [];
  /** How often the log was asked from when to when it reaches. */
  spansAsked = 0;
  /** What the safety check finds, where it is not harmless. */
  facts: Partial<SafetyFacts> = {};
  private late: { at: number; work: () => unknown }[] = [];
  private versions = 0;
  private attempts = 0;
  private writes = 0;

  constructor(
    readonly vaultId: VaultId,
    readonly model: "rbac" | "policies",
  ) {}

  /** One call: time passes, and whatever was planned for this step happens. */
  async call<T>(work: () => T, isWrite = false): Promise<T> {
    this.now += 50;
    this.arrive();
    const mishap = this.next(isWrite);
    if (mishap === "kill on the way" && isWrite) this.sendLate(work);
    if (mishap === "kill before" || mishap === "kill on the way") throw new ClaimLost("killed");
    if (mishap === "throttled") throw refusal("throttled", 429, { retryAfterSeconds: 3 });
    if (mishap === "token refused") throw refusal("unavailable", 401);
    // A key through Azure Resource Manager gets another name after a 409, which some day is one too many.
    if (mishap === "collision") throw refusal("conflict", 412);
    if (mishap === "outage") throw refusal("unavailable", 503);
    const result = work();
    if (mishap === "kill after") throw new ClaimLost("killed");
    if (mishap === "lost answer") throw new AppError("unavailable", "No answer.", {}, new Error("socket hang up"));
    return result;
  }

  /** What is under way for so long that whoever sent it has given it up. */
  sendLate(work: () => unknown): void {
    this.late.push({ at: this.now + LATE, work });
  }

  /** One statement to our own database, which a kill may cut too. */
  statement(): void {
    if (this.next(false)?.startsWith("kill")) throw new ClaimLost("killed");
  }

  /** Writes that were on their way reach Azure now, if the right is still there. */
  private arrive(): void {
    const due = this.late.filter((one) => one.at <= this.now);
    this.late = this.late.filter((one) => one.at > this.now);
    for (const { work } of due) {
      try {
        work();
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
      }
    }
  }

  private next(isWrite: boolean): Mishap["what"] | undefined {
    const counts = { steps: this.steps++, writes: isWrite ? this.attempts++ : -1 };
    return this.mishaps.find(({ at, of }) => counts[of] === at)?.what;
  }

  vault() {
    this.readAt.push(this.now);
    return {
      id: this.vaultId,
      name: "kv-a",
      location: "westeurope",
      tenantId: "t",
      uri: "https://kv-a.vault.azure.net",
      permissionModel: this.model,
      network: this.network,
      accessPolicies: structuredClone(this.policies),
      tags: {},
      purgeProtection: false,
      softDeleteRetentionDays: 90,
      createdAt: undefined,
    };
  }

  private ready(since: number | undefined): boolean {
    return since !== undefined && this.now >= since + GRANT_DELAY;
  }

  requireRight(kind: "secret" | "key", write: boolean): void {
    if (isClosed(this.network)) this.violations.push("called the address of a closed vault");
    const ready = (since: number | undefined) => this.ready(since);
    const entry = this.policies.find((policy) => policy.objectId === PLANTER);
    const held = kind === "secret" ? entry?.secrets : entry?.keys;
    const needed = write ? (kind === "secret" ? "set" : "create") : "list";
    const allowed =
      this.model === "rbac"
        ? [...this.assignments.values()].some(ready)
        : held?.includes(needed) === true && ready(this.policyAt);
    if (!allowed) throw refusal("forbidden", 403);
  }

  /** As ARM lists them: all that is not deleted. */
  listedByArm(kind: "secret" | "key"): ArmObject[] {
    return this.objects
      .filter((one) => one.kind === kind && !one.deleted)
      .map(({ name, versions }) => {
        const made = new Date(versions.at(-1)?.at ?? this.now);
        const nothing = { notBefore: undefined, expires: undefined, contentType: undefined, key: undefined };
        return { name, kind, enabled: true, created: made, updated: made, tags: {}, ...nothing };
      });
  }

  find(kind: string, name: string): FakeObject | undefined {
    return this.objects.find((one) => one.kind === kind && one.name.toLowerCase() === name.toLowerCase());
  }

  /** As Key Vault does it: an existing name silently gets one more version. */
  write(kind: "secret" | "key", name: string) {
    this.meanwhile?.(this.writes++);
    this.requireRight(kind, true);
    const found = this.find(kind, name);
    if (found?.deleted) throw refusal("conflict", 409);
    if (found?.versions.some((version) => version.by !== PLANTER)) this.violations.push("wrote over a foreign object");
    this.requireWatched(kind, name);
    return this.put(kind, name, PLANTER);
  }

  /** As Azure Resource Manager does it: by a role, past the network; a key that stands already is answered as it is. */
  writeByArm(name: string) {
    this.meanwhile?.(this.writes++);
    if (![...this.assignments.values()].some((since) => this.ready(since))) throw refusal("forbidden", 403);
    const found = this.find("key", name);
    if (found?.deleted) throw refusal("conflict", 409);
    const [version] = found?.versions ?? [];
    if (version) return { version: version.version, created: new Date(Math.floor(version.at / 1_000) * 1_000) };
    this.requireWatched("key", name);
    return this.put("key", name, PLANTER);
  }

  put(kind: "secret" | "key", name: string, by: string) {
    const version = (++this.versions).toString(16).padStart(32, "0");
    const found = this.find(kind, name);
    if (found) found.versions.push({ version, by, at: this.now });
    else this.objects.push({ kind, name, versions: [{ version, by, at: this.now }], deleted: false });
    return { version, created: new Date(this.now) };
  }

  private requireWatched(kind: string, name: string): void {
    const key = `${this.vaultId}/${kind}s/${name.toLowerCase()}`;
    const row = this.visibleRows().find((fields) => fields.TokenKey === key);
    if (!row) return void this.violations.push("wrote a decoy that nobody watches");
    const start = Date.parse(row.WindowStart ?? "");
    const inside = this.now >= start && this.now <= Date.parse(row.WindowEnd ?? "") && this.now <= start + 30 * 60_000;
    if (!inside) this.violations.push("wrote outside of the published window");
  }

  putRow(id: string, fields: Record<string, string>): void {
    const before = this.rows.get(id);
    const same = JSON.stringify(before?.fields) === JSON.stringify(fields);
    if (same && before) return;
    const previous = before && before.visibleAt <= this.now ? before.fields : before?.previous;
    const visibleAt = this.registerStuck ? Number.POSITIVE_INFINITY : this.now + REGISTER_DELAY;
    this.rows.set(id, { fields, previous, visibleAt });
  }

  visibleRows(): Record<string, string>[] {
    return [...this.rows.values()].flatMap((row) => {
      const shown = row.visibleAt <= this.now ? row.fields : row.previous;
      return shown ? [shown] : [];
    });
  }

  /** Answers the queries of a planting and of a schedule, as rows of their columns. */
  query(kql: string, tokenKeys: readonly string[], since: Date | undefined): Record<string, unknown>[] {
    if (kql.includes("_GetWatchlist")) {
      return this.visibleRows()
        .filter((fields) => ["planting", "live", "retiring"].includes(fields.State ?? ""))
        .map((fields) => ({ TokenKey: fields.TokenKey, State: fields.State, WindowEnd: fields.WindowEnd }));
    }
    if (kql.includes("Times = ")) {
      return this.objects.flatMap(({ kind, name, versions }) => {
        const shown = versions.filter(({ at }) => at + ROW_DELAY <= this.now && at >= (since?.getTime() ?? 0));
        const Times = shown.map(({ at }) => new Date(at).toISOString());
        return Times.length === 0 ? [] : [{ TokenKey: `${this.vaultId}/${kind}s/${name.toLowerCase()}`, Times }];
      });
    }
    if (kql.includes("Newest = max")) return this.logSpan();
    return this.objects.flatMap((object) =>
      object.versions
        .filter(({ at }) => this.isLogged(at) && at >= (since?.getTime() ?? 0))
        .filter(({ by }) => by !== this.rowsLostOf)
        .map((version) => ({
          TokenKey: `${this.vaultId}/${object.kind}s/${object.name.toLowerCase()}`,
          TimeGenerated: new Date(version.at).toISOString(),
          Oid: version.by,
          Version: version.version,
          RequestId: version.version,
        }))
        .filter((row) => tokenKeys.includes(row.TokenKey)),
    );
  }

  private isLogged(at: number): boolean {
    return at >= this.logBegins && at + ROW_DELAY <= this.now;
  }

  private logSpan(): Record<string, unknown>[] {
    this.spansAsked++;
    const written = this.objects.flatMap(({ versions }) => versions.filter(({ by }) => by !== this.rowsLostOf));
    const logged = [...this.readAt, ...written.map(({ at }) => at)].filter((at) => this.isLogged(at));
    if (logged.length === 0) return [];
    const [First, Newest] = [Math.min, Math.max].map((end) => new Date(end(...logged)).toISOString());
    return [{ VaultId: this.vaultId, First, Newest }];
  }

  addPolicy(entry: { tenantId: string; objectId: string; secrets: string[]; keys: string[] }): void {
    const own = this.policies.find((policy) => policy.objectId === entry.objectId);
    if (own) {
      own.secrets = [...new Set([...own.secrets, ...entry.secrets])];
      own.keys = [...new Set([...own.keys, ...entry.keys])];
    } else this.policies.push(structuredClone(entry));
    this.policyAt = this.now;
  }

  removePolicy(entry: { objectId: string; secrets: string[]; keys: string[] }): void {
    const own = this.policies.find((policy) => policy.objectId === entry.objectId);
    if (!own) return;
    own.secrets = own.secrets.filter((one) => !entry.secrets.includes(one));
    own.keys = own.keys.filter((one) => !entry.keys.includes(one));
    this.policies = this.policies.filter((policy) => policy.secrets.length + policy.keys.length > 0);
  }
}

/** As lib/azure throws it: the SDK's error, which says the status, is the cause. */
function refusal(code: ErrorCode, statusCode: number, more: { retryAfterSeconds?: number } = {}): AppError {
  const cause = Object.assign(new Error("refused"), { statusCode, code: `E${statusCode}` });
  return new AppError(code, "Azure refused.", more, cause);
}

export function fakeVaultId(n: number): VaultId {
  const id = parseVaultId(
    `/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv-${n}`,
  );
  if (!id) throw new Error("no vault id");
  return id;
}
