import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { letPrologue } from "@/lib/azure/kql-literal.pure";
import type { UserContext } from "@/lib/context";
import { readingWatchlist, readKql, withoutComments } from "@/lib/kql-files";
import { addDecoys, testService } from "@/lib/register/testing/service";
import type { Store } from "@/lib/store/open";
import { temporaryStore } from "@/lib/store/testing/stores";
import { listAlertExceptions } from "./alert-exception-list";
import {
  addAlertException,
  endAlertException,
  listActiveAlertExceptions,
  renewAlertException,
} from "./alert-exceptions";
import { AlertExceptionRequest, EXCEPTABLE, validity } from "./alert-exceptions.pure";
import { proposalsOf } from "./proposals";
import { levelOf } from "./severity";
import { analyse, TABLES } from "./testing/parser";

// A database, and the parser's first analysis, take their time on a busy machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const CALLER = "0d0d0d0d-1111-4111-8111-000000000001";
const VAULT =
  "/subscriptions/00000000-0000-4000-8000-000000000001/resourcegroups/rg/providers/microsoft.keyvault/vaults/kv-9";

let readable: (id: string) => boolean;
vi.mock("@/lib/coverage/visible", () => ({
  readableOf: async (_: unknown, ids: Iterable<string>) => new Set([...ids].filter((id) => readable(id))),
}));

let store: Store;
let ctx: UserContext;
let clock: Date;

beforeAll(async () => {
  store = await temporaryStore();
  const service = testService(store, () => clock);
  const user = { tid: "t", oid: "ada", name: "Ada", upn: undefined, roles: ["Platform.Admin" as const] };
  ctx = { ...service, user, asUser: service.azure.collector, requestId: "r" };
});
afterAll(() => store.close());
beforeEach(async () => {
  readable = () => true;
  clock = new Date("2026-11-22T12:00:00Z");
  for (const table of ["alert_exception_row", "alert_exception", "decoy"] as const)
    await store.db.deleteFrom(table).execute();
});

const request = (change: Partial<AlertExceptionRequest> = {}): AlertExceptionRequest => ({
  callerOid: CALLER,
  callerName: "Nightly backup",
  operations: ["SecretBackup"],
  scope: { level: "vault", vaultId: VAULT.toUpperCase() },
  reason: "Backs up everything each night",
  firstDay: "2026-11-22",
  lastDay: "2026-12-31",
  ...change,
});

describe("what can be excepted", () => {
  test("is reading and backing up, and every one is an operation that the ladder knows", () => {
    for (const operation of EXCEPTABLE) {
      expect(operation).toMatch(/(Get|ListVersions|Backup)$/);
      expect(levelOf(operation)).toBeDefined();
    }
  });

  test.each(["SecretDelete", "SecretSet", "KeySign", "KeyDecrypt", "SecretPurge", "KeyRotate", "*"])(
    "is not %s",
    (name) => {
      expect(AlertExceptionRequest.safeParse({ ...request(), operations: [name] }).success).toBe(false);
    },
  );

  test.each(["python-requests/2.32.3", "10.0.0.4", "", "kim@contoso.test"])(
    "is nothing that the caller chooses: %s",
    (oid) => {
      expect(AlertExceptionRequest.safeParse({ ...request(), callerOid: oid }).success).toBe(false);
    },
  );

  test.each(["planter", "drill"] as const)("is never what the product's own %s does", async (name) => {
    const callerOid = ctx.config.identities[name].objectId.toUpperCase();
    await expect(addAlertException(ctx, AlertExceptionRequest.parse(request({ callerOid })))).rejects.toMatchObject({
      failure: { code: "invalid", field: "callerOid", message: expect.stringContaining("identity of this product") },
    });
  });
});

describe("validity", () => {
  const now = new Date("2026-11-22T12:00:00Z");
  test.each([
    ["today", "2026-11-22", "2026-11-22", "2026-11-22T12:00:00.000Z", "2026-11-23T00:00:00.000Z"],
    ["a year from now", "2026-11-22", "2027-11-21", "2026-11-22T12:00:00.000Z", "2027-11-22T00:00:00.000Z"],
    ["later", "2026-12-01", "2026-12-02", "2026-12-01T00:00:00.000Z", "2026-12-03T00:00:00.000Z"],
  ])("%s", (_, firstDay, lastDay, from, until) => {
    expect(validity({ firstDay, lastDay }, now)).toEqual({ from: new Date(from), until: new Date(until) });
  });
  test.each([
    ["2026-11-21", "2026-12-31", "firstDay"],
    ["2026-12-02", "2026-12-01", "lastDay"],
    ["2026-11-22", "2027-11-22", "lastDay"],
  ])("from %s to %s is refused", (firstDay, lastDay, field) => {
    expect(validity({ firstDay, lastDay }, now)).toMatchObject({ field });
  });
});

describe("an exception", () => {
  test("is there once for a caller, place and operation, and is listed for others while it holds", async () => {
    const { id } = await addAlertException(ctx, request());
    await expect(addAlertException(ctx, request())).rejects.toMatchObject({ failure: { code: "conflict" } });
    await addAlertException(ctx, request({ operations: ["KeyBackup"], firstDay: "2026-12-24" }));
    expect(await listActiveAlertExceptions(store.db, clock)).toMatchObject([
      { id, callerOid: CALLER, scope: VAULT, operations: ["SecretBackup"] },
    ]);
    expect(await listActiveAlertExceptions(store.db, new Date("2026-12-25T00:00:00Z"))).toHaveLength(2);
    expect(await listActiveAlertExceptions(store.db, new Date("2027-01-01T00:00:00Z"))).toEqual([]);
    await endAlertException(ctx, id);
    await expect(endAlertException(ctx, id)).rejects.toMatchObject({ failure: { code: "not_found" } });
    expect(await listActiveAlertExceptions(store.db, clock)).toEqual([]);
  });

  test("waits for a decision from two weeks before its end, and after it", async () => {
    const { id } = await addAlertException(ctx, request());
    const review = async () => (await listAlertExceptions(ctx)).current.map((one) => one.review);
    expect(await review()).toEqual([null]);
    clock = new Date("2026-12-20T00:00:00Z");
    expect(await review()).toEqual(["ending"]);
    clock = new Date("2027-02-01T00:00:00Z");
    expect(await review()).toEqual(["over"]);
    await renewAlertException(ctx, { id, reason: "Asked the team again", lastDay: "2027-03-01" });
    expect(await review()).toEqual([null]);
    const [row] = await listActiveAlertExceptions(store.db, clock);
    expect(row).toMatchObject({ from: clock, until: new Date("2027-03-02T00:00:00Z") });
  });

  test("is listed for those who may read its vault, and that there are others is said", async () => {
    const [decoy] = await addDecoys(store, 1, { state: "live" });
    await addAlertException(ctx, request());
    await addAlertException(ctx, request({ scope: { level: "decoy", decoyId: decoy?.id ?? "" } }));
    await addAlertException(ctx, request({ scope: { level: "everywhere" } }));
    expect(await listAlertExceptions(ctx)).toMatchObject({ vaultsLeftOut: 0, current: { length: 3 } });
    readable = (id) => id === VAULT;
    const listed = await listAlertExceptions(ctx);
    expect(listed.current.map(({ place }) => place.level).sort()).toEqual(["everywhere", "vault"]);
    expect(listed.vaultsLeftOut).toBe(1);
    expect(JSON.stringify(listed)).not.toContain(decoy?.name);
  });

  test("of one honeytoken shows its name, which is audited, but writes none into the trail", async () => {
    const [decoy] = await addDecoys(store, 1, { state: "live" });
    await addAlertException(ctx, request({ scope: { level: "decoy", decoyId: decoy?.id ?? "" } }));
    // Later than what was audited of an earlier test's readings, which once an hour is enough for.
    clock = new Date(clock.getTime() + 2 * 60 * 60_000);
    expect((await listAlertExceptions(ctx)).current[0]?.place).toMatchObject({ level: "decoy", decoy: decoy?.name });
    const audit = await store.db.selectFrom("audit").selectAll().orderBy("id").execute();
    expect(audit.at(-1)?.action).toBe("alert_exception.read");
    expect(JSON.stringify(audit)).not.toContain(decoy?.name);
  });

  test.each([[{ level: "decoy", decoyId: "none" }], [{ level: "vault", vaultId: "/subscriptions/x" }]] as const)(
    "at %o is refused at the field",
    async (scope) => {
      await expect(addAlertException(ctx, request({ scope }))).rejects.toMatchObject({ failure: { field: "scope" } });
    },
  );
});

test("rows of one caller in several vaults are one proposal", () => {
  const row = (VaultId: string, Days: string[]) => ({
    ...{ Oid: CALLER, VaultId, Days, LeastOthers: Days.length, Touches: 3, Operations: ["SecretGet" as const] },
    ...{ First: `${Days[0]}T00:00:00Z`, Last: `${Days.at(-1)}T00:00:00Z`, Addresses: ["10.0.0.1"], AppId: "app" },
    ManagedIdentity: "/subscriptions/s/providers/x/userAssignedIdentities/id-sync",
  });
  expect(
    proposalsOf([row(VAULT, ["2026-11-01", "2026-11-02"]), row(VAULT.replace("kv-9", "kv-8"), ["2026-11-02"])]),
  ).toEqual([expect.objectContaining({ callerName: "id-sync", days: 2, touches: 6, leastOthers: 1, addresses: 1 })]);
});

describe("the query for proposals", () => {
  const text = () => {
    const parameters = { operations: EXCEPTABLE, leastDays: 3, ours: [CALLER] };
    return `${letPrologue(parameters)}${withoutComments(readKql("lib/detection/queries/benign-readers.kql"))}`;
  };
  test("has nothing that Microsoft's parser minds, on a new and on an older register, with either table absent", () => {
    for (const watchlist of ["own", "upstream"] as const) expect(analyse(text(), { watchlist }).problems).toEqual([]);
    for (const absent of Object.keys(TABLES)) {
      const tables = Object.fromEntries(Object.entries(TABLES).filter(([table]) => table !== absent));
      expect(analyse(text(), { tables }).problems.filter((problem) => problem.startsWith("Error"))).toEqual([]);
    }
    expect(readingWatchlist(text(), "inventory")).not.toContain("HoneyTokens");
  });
});
