import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { GET as readVaults } from "@/app/api/vaults/route";
import { plantAction } from "@/app/vaults/actions";
import type { UserContext } from "@/lib/context";
import { Board } from "@/lib/coverage/board.pure";
import { collectAll } from "@/lib/coverage/testing/collect-all";
import { startTenant, type TestTenant } from "@/lib/coverage/testing/tenant";
import { deploymentJobs } from "@/lib/deployments/jobs";
import { accessOf } from "@/lib/service";
import { jobQueue, startJobs } from "@/lib/store/jobs";
import { startTelemetry, stopTelemetry } from "@/lib/telemetry/spans";
import { type OtlpReceiver, startOtlpReceiver } from "./harness/otlp-receiver";
import { truthOf } from "./harness/simulated-truth";

/* What leaves the process where traces are configured: enough to find a slow call by, and no name of anything in a vault. */

const held: { tenant?: TestTenant } = vi.hoisted(() => ({}));
vi.mock("@/lib/runtime", () => ({
  productConfig: () => held.tenant?.service.config,
  contextFor: async (user: UserContext["user"], credential: UserContext["asUser"]["credential"]) => {
    if (!held.tenant) throw new Error("The tenant is not there yet.");
    const { service } = held.tenant;
    return { ...service, user, requestId: "r", asUser: accessOf(service, credential) };
  },
}));

const VAULTS = 8;
let receiver: OtlpReceiver;
beforeAll(async () => {
  receiver = await startOtlpReceiver();
});
afterAll(async () => {
  receiver.close();
  await held.tenant?.stop();
});

test("planting is traced through requests, jobs, database and Azure, without a name, a value or a token", async () => {
  const tenant = await startTenant("--vaults", String(VAULTS), "--seed", "11");
  held.tenant = tenant;
  const { service, store } = tenant;
  Object.assign(service, { jobs: jobQueue(store) });
  await collectAll(service, VAULTS);
  await startTelemetry(receiver.url, "web");
  const jobs = await startJobs(store, await deploymentJobs(service, store));
  const token = await tenant.tokenOf("Administrator");
  const headers = { authorization: `Bearer ${token}` };
  const answer = await readVaults(new Request("http://localhost/api/vaults", { headers }), {
    params: Promise.resolve({}),
  });
  const board = Board.parse(await answer.json());
  const answers = await Promise.all(
    board.vaults.map(({ id: vaultId }, index) =>
      plantAction(token, { vaultId, kind: index % 2 === 0 ? "secret" : "key", count: 1, acceptUnknownReaders: true }),
    ),
  );
  expect(answers.filter(({ ok }) => ok).length).toBeGreaterThan(1);
  await vi.waitFor(
    async () => {
      const open = await store.db.selectFrom("deployment").select("id").where("ended_at", "is", null).execute();
      expect(open).toEqual([]);
    },
    { timeout: 90_000, interval: 500 },
  );
  await jobs.stop();
  await stopTelemetry();

  const spans = receiver.spans();
  const names = spans.map(({ name }) => name);
  for (const expected of ["read", "action", "PUT /secrets/{}", "GET /secrets"]) expect(names).toContain(expected);
  expect(names.some((name) => name.startsWith("job "))).toBe(true);
  expect(names.some((name) => name.startsWith("select "))).toBe(true);
  expect([...receiver.metricNames()]).toEqual(
    expect.arrayContaining(["http.client.request.duration", "db.client.operation.duration", "job.duration"]),
  );
  const requestId = answer.headers.get("x-request-id");
  expect(spans.find(({ attributes }) => attributes["request.id"] === requestId)?.name).toBe("read");

  const sent = receiver.texts.join("\n");
  const decoys = await store.db.selectFrom("decoy").select("name").execute();
  expect(decoys.length).toBeGreaterThan(0);
  const objects = await truthOf(tenant.url).objects();
  expect(objects.length).toBeGreaterThan(decoys.length);
  const quoted = [...decoys, ...objects].map(({ name }) => name).filter((name) => sent.includes(name));
  expect(quoted).toEqual([]);
  expect(sent).not.toMatch(/eyJ[A-Za-z0-9_-]{10,}|Bearer |api-version|\?/);
}, 300_000);
