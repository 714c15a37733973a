import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { parseVaultId } from "@/lib/azure/resource-id.pure";
import { parseScope } from "@/lib/azure/scope.pure";
import type { Config } from "@/lib/config";
import type { AzureAccess, Role, UserContext } from "@/lib/context";
import { AppError } from "@/lib/errors";
import type { Store } from "@/lib/store/open";
import { TEST_TENANT, temporaryStore } from "@/lib/store/testing/stores";
import { activeExceptions, addException, endException, listExceptions } from "./exceptions";
import { ExceptionRequest, endOf, exceptionIndex, lastDayProblem, type VaultException } from "./exceptions.pure";

const SUBSCRIPTION = "/subscriptions/00000000-0000-4000-8000-000000000001";
const GROUP = `${SUBSCRIPTION}/resourcegroups/rg`;
const VAULT = `${GROUP}/providers/microsoft.keyvault/vaults/kv-a`;
const OTHER = `${SUBSCRIPTION}/resourcegroups/rg2/providers/microsoft.keyvault/vaults/kv-b`;
const REASON = "Holds nothing but a public certificate";

/** Scopes in which the person may read no vault. */
let hidden: string[] = [];
let failure: AppError | undefined;
vi.mock("@/lib/coverage/visible", () => ({
  readableOf: async (_: unknown, ids: Iterable<string>) => {
    if (failure) throw failure;
    return new Set([...ids].filter((id) => !hidden.includes(id)));
  },
}));

let store: Store;
let now = new Date();
beforeAll(async () => {
  store = await temporaryStore();
});
afterAll(() => store.close());
beforeEach(async () => {
  await store.db.deleteFrom("vault_exception").execute();
  now = new Date("2026-11-22T10:00:00Z");
  [hidden, failure] = [[], undefined];
});

function person(name = "Kim", roles: Role[] = ["Platform.Admin"]): UserContext {
  const access = {} as AzureAccess; // exceptions never reach for Azure
  return {
    config: {} as Config, // nor for the configuration
    db: store.db,
    jobs: { enqueue: async () => {} },
    azure: { collector: access, registrar: access, planter: access, granter: access, drill: access },
    now: () => now,
    user: { tid: TEST_TENANT, oid: `oid-of-${name}`, name, upn: undefined, roles },
    asUser: access,
    requestId: "r",
  };
}

const exemption = (change: Partial<ExceptionRequest> = {}): ExceptionRequest => ({
  kind: "exemption",
  scope: VAULT,
  reason: REASON,
  lastDay: "2026-11-30",
  ...change,
});

async function audited(id: string) {
  const rows = await store.db.selectFrom("audit").selectAll().orderBy("id").execute();
  return rows.filter(({ before, after }) => before.id === id || after.id === id);
}

test("holds from now to the end of its last day, and vanishes at once then", async () => {
  const { id } = await addException(person(), exemption());
  const [active] = await activeExceptions(store.db, now);
  expect(active).toMatchObject({ id, by: "Kim", reason: REASON, until: "2026-12-01T00:00:00.000Z" });
  expect(await activeExceptions(store.db, new Date("2026-11-30T23:59:59.999Z"))).toHaveLength(1);
  now = new Date("2026-12-01T00:00:00Z");
  expect(await activeExceptions(store.db, now)).toEqual([]);
  const { active: still, past } = await listExceptions(person("Sam", ["Soc.Analyst"]));
  expect(still).toEqual([]);
  expect(past).toMatchObject([{ id, endedAt: "2026-12-01T00:00:00.000Z", endedBy: null }]);
  // By time, so nobody can end it any more, and a new one takes its place.
  await expect(endException(person(), id)).rejects.toMatchObject({ failure: { code: "not_found" } });
  await addException(person(), exemption({ lastDay: "2026-12-05" }));
});

test("ended by a person is over at once, and both are recorded with who, where and why", async () => {
  const { id } = await addException(person(), exemption());
  now = new Date("2026-11-23T10:00:00Z");
  await endException(person("Sam"), id);
  expect(await activeExceptions(store.db, now)).toEqual([]);
  const { past, mayChange } = await listExceptions(person());
  expect(past).toMatchObject([{ id, endedAt: now.toISOString(), endedBy: "Sam" }]);
  expect(mayChange).toBe(true);
  const told = { id, reason: REASON, until: "2026-12-01T00:00:00.000Z" };
  expect(await audited(id)).toMatchObject([
    { who: "Kim", action: "exemption.add", vault_id: VAULT, before: {}, after: told, result: "ok" },
    { who: "Sam", action: "exemption.end", vault_id: VAULT, before: told, after: {}, result: "ok" },
  ]);
});

test("the one that is over soonest comes first", async () => {
  await addException(person(), exemption({ scope: SUBSCRIPTION, lastDay: "2027-01-01" }));
  await addException(person(), exemption({ scope: VAULT, lastDay: "2026-12-24" }));
  await addException(person(), exemption({ scope: GROUP, kind: "exclusion", lastDay: "2026-11-25" }));
  expect((await listExceptions(person())).active.map(({ scope }) => scope)).toEqual([GROUP, VAULT, SUBSCRIPTION]);
});

describe("where a person may read no vault", () => {
  beforeEach(() => {
    hidden = [VAULT];
  });

  /** Added by somebody who may read there. */
  async function addedByOthers(change: Partial<ExceptionRequest> = {}) {
    hidden = [];
    const { id } = await addException(person("Sam"), exemption(change));
    hidden = [VAULT];
    return id;
  }

  test("exceptions are not shown, but counted, and wider ones are", async () => {
    await addException(person(), exemption({ scope: GROUP }));
    await addedByOthers();
    const over = await addedByOthers({ kind: "exclusion" });
    hidden = [];
    await endException(person("Sam"), over);
    hidden = [VAULT];
    const list = await listExceptions(person());
    expect(list).toMatchObject({ active: [{ scope: GROUP }], past: [], leftOut: { active: 1, past: 1 } });
    hidden = [];
    expect(await listExceptions(person())).toMatchObject({ past: [{ id: over }], leftOut: { active: 0, past: 0 } });
  });

  test("they are not ended", async () => {
    const id = await addedByOthers();
    await expect(endException(person(), id)).rejects.toMatchObject({ failure: { code: "not_found" } });
    expect(await activeExceptions(store.db, now)).toHaveLength(1);
    expect(await audited(id)).toHaveLength(1);
  });

  test("none is added, and the refusal is the same whether one holds there or not", async () => {
    const answer = () => addException(person(), exemption()).catch((error: unknown) => error);
    const without = await answer();
    expect(without).toMatchObject({ failure: { code: "not_found" } });
    await addedByOthers();
    expect(await answer()).toEqual(without);
    expect(await activeExceptions(store.db, now)).toHaveLength(1);
  });

  test("is not known, nothing is shown or changed", async () => {
    const id = await addedByOthers();
    failure = new AppError("unavailable", "Azure is away.");
    await expect(listExceptions(person())).rejects.toThrow("Azure is away.");
    await expect(endException(person(), id)).rejects.toThrow("Azure is away.");
    await expect(addException(person(), exemption())).rejects.toThrow("Azure is away.");
    expect(await activeExceptions(store.db, now)).toHaveLength(1);
  });
});

test("there is one of a kind at a scope, whoever comes first", async () => {
  const outcomes = await Promise.allSettled(["Kim", "Sam"].map((name) => addException(person(name), exemption())));
  expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  expect(outcomes.find((one) => one.status === "rejected")?.reason).toMatchObject({ failure: { code: "conflict" } });
  await addException(person(), exemption({ kind: "exclusion" }));
  await addException(person(), exemption({ scope: GROUP }));
  expect(await activeExceptions(store.db, now)).toHaveLength(3);
});

test.each([
  ["yesterday", "2026-11-21", /over/],
  ["in more than a year", "2027-11-24", /one year/],
])("a last day %s is refused at the field and writes nothing", async (_, lastDay, words) => {
  const attempt = addException(person(), exemption({ lastDay }));
  await expect(attempt).rejects.toMatchObject({
    failure: { code: "invalid", field: "lastDay", message: expect.stringMatching(words) },
  });
  expect(await activeExceptions(store.db, now)).toEqual([]);
});

test("today and the day in a year are the first and the last possible ones", () => {
  expect(lastDayProblem("2026-11-22", now)).toBeUndefined();
  expect(lastDayProblem("2027-11-22", now)).toBeUndefined();
  expect(endOf("2026-11-22").toISOString()).toBe("2026-11-23T00:00:00.000Z");
});

describe("a reason that names a honeytoken", () => {
  beforeAll(async () => {
    const row = { id: randomUUID(), vault_id: VAULT, kind: "secret" as const, name: "Reporting-Mail-Relay" };
    await store.db
      .insertInto("decoy")
      .values({
        ...row,
        token_key: `${VAULT}/secrets/reporting-mail-relay`,
        state: "retired",
        watchlist_item_id: randomUUID(),
        created_at: now,
        updated_at: now,
      })
      .execute();
  });

  test.each([VAULT, GROUP, SUBSCRIPTION])("is refused without repeating it, at %s", async (scope) => {
    const attempt = addException(person(), exemption({ scope, reason: "because REPORTING-mail-relay was burnt" }));
    await expect(attempt).rejects.toMatchObject({ failure: { code: "invalid", field: "reason" } });
    const error = await attempt.catch((thrown: unknown) => thrown);
    expect(JSON.stringify(error).toLowerCase()).not.toContain("reporting-mail-relay");
  });

  test("is refused also for another vault that the person may read, where it stands as a word of its own", async () => {
    const add = (reason: string) => addException(person(), exemption({ scope: OTHER, reason }));
    await expect(add("as Reporting-Mail-Relay is there already")).rejects.toMatchObject({
      failure: { code: "invalid", field: "reason" },
    });
    await expect(add("because of the old-reporting-mail-relay of last year")).resolves.toHaveProperty("id");
  });

  test("is not told by a refusal to whoever may not read that vault", async () => {
    hidden = [VAULT];
    await expect(
      addException(person(), exemption({ scope: OTHER, reason: "as reporting-mail-relay is there" })),
    ).resolves.toHaveProperty("id");
  });
});

test.each([
  [{ reason: "  too short " }, "reason"],
  [{ scope: `${SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/a` }, "scope"],
  [{ scope: "/" }, "scope"],
  [{ lastDay: "2026-02-30" }, "lastDay"],
  [{ kind: "exempt" }, "kind"],
])("a request with %j is refused at the field", (change, field) => {
  expect(ExceptionRequest.safeParse({ ...exemption(), ...change }).error?.issues[0]?.path).toEqual([field]);
});

test("scopes are vaults, groups and subscriptions, whatever their casing", () => {
  expect(parseScope(VAULT.toUpperCase())).toEqual({ id: VAULT, level: "vault" });
  expect(parseScope(`${SUBSCRIPTION}/resourceGroups/RG/`)).toEqual({ id: GROUP, level: "group" });
  expect(parseScope(SUBSCRIPTION)).toEqual({ id: SUBSCRIPTION, level: "subscription" });
  expect(parseScope("/subscriptions/none")).toBeUndefined();
});

test("of several that hold for a vault, the narrowest speaks", () => {
  const at = (scope: string, kind: VaultException["kind"]): VaultException => ({
    ...{ id: scope, kind, scope, reason: REASON, by: "Kim" },
    ...{ createdAt: now.toISOString(), until: now.toISOString() },
  });
  const of = exceptionIndex([at(SUBSCRIPTION, "exemption"), at(GROUP, "exemption"), at(SUBSCRIPTION, "exclusion")]);
  const vault = parseVaultId(VAULT);
  if (!vault) throw new Error("no vault id");
  expect(of(vault)).toMatchObject({ exemption: { scope: GROUP }, exclusion: { scope: SUBSCRIPTION } });
  const elsewhere = parseVaultId(VAULT.replace("000001", "000002"));
  expect(elsewhere && of(elsewhere)).toEqual({});
});
