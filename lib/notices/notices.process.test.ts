import { createServer, type Server } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { getIncident, updateIncident } from "@/lib/azure/incidents";
import type { ServiceContext } from "@/lib/context";
import { readBoard } from "@/lib/coverage/board";
import { collectAll } from "@/lib/coverage/testing/collect-all";
import { startTenant, type TestTenant } from "@/lib/coverage/testing/tenant";
import { waitFor } from "@/lib/coverage/testing/truth";
import { importRegister } from "@/lib/register/import";
import { changeSettings } from "@/lib/settings/settings";
import { deliverDue } from "./deliver";
import { look } from "./look";
import { listNotices } from "./notices";

/* A theft in a simulated vault: through its log, the rule and the incident, to the chat tool and the vault's owner. */

let tenant: TestTenant;
let service: ServiceContext;
let server: Server;
const received: string[] = [];

beforeAll(async () => {
  tenant = await startTenant("--vaults", "60", "--seed", "3");
  service = { ...tenant.service, config: { ...tenant.service.config, webhookSecret: "a secret of this test's own" } };
  await importRegister(service);
  await collectAll(service, 60);
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on("end", () => {
      received.push(body);
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(async () => {
  server?.close();
  await tenant?.stop();
});

const Message = z.object({
  event: z.string(),
  incident: z.object({ id: z.string(), severity: z.string(), vaults: z.array(z.string()) }),
});
const Incident = z.object({ name: z.string() });
const told = () => received.flatMap((body) => Message.safeParse(JSON.parse(body)).data?.incident ?? []);

async function lookAndDeliver(): Promise<void> {
  await look(service);
  await deliverDue(service, new AbortController().signal);
}

test("both hear of it, and neither of a name", async () => {
  const admin = { ...(await tenant.as("Administrator")), config: service.config };
  const owner = { ...(await tenant.as("Key Vault owner")), config: service.config };
  const port = z.object({ port: z.number() }).parse(server.address()).port;
  const value = { url: `http://127.0.0.1:${port}/hook`, leastSeverity: "Low" as const };
  await changeSettings(admin, { group: "webhook", value, basedOn: null });
  const { vaults } = await readBoard(owner);
  const decoys = await service.db
    .selectFrom("decoy")
    .select(["vault_id", "name"])
    .where("kind", "=", "secret")
    .execute();
  const stolen = vaults.find(
    ({ id, mine, state, network }) =>
      mine && state === "protected" && network === "public" && decoys.some(({ vault_id }) => vault_id === id),
  );
  if (!stolen) throw new Error("The owner has no such vault.");
  await look(service);
  await fetch(`${tenant.url}/sim/plays/list-then-get`, {
    method: "POST",
    body: JSON.stringify({ vault: stolen.name }),
  });
  await waitFor("the message", async () => {
    await lookAndDeliver();
    return received.some((body) => Message.safeParse(JSON.parse(body)).data?.incident.vaults.includes(stolen.id));
  });
  const message = received
    .map((body) => Message.parse(JSON.parse(body)))
    .find(({ incident }) => incident.vaults.includes(stolen.id));
  const there = await tenant.collection("incidents", Incident);
  expect(there.map(({ name }) => name)).toContain(message?.incident.id);
  const { notices } = await listNotices(owner);
  expect(notices.map(({ kind, vault }) => [kind, vault.name])).toContainEqual(["touched", stolen.name]);
  const words = `${received.join(" ")} ${JSON.stringify(notices)}`.toLowerCase();
  for (const { name } of decoys) expect(words).not.toContain(name.toLowerCase());
});

test("an incident that Sentinel shows as graver is told again, once", async () => {
  const decoy = await service.db
    .selectFrom("decoy")
    .select(["vault_id", "name"])
    .where("kind", "=", "secret")
    .where("state", "=", "live")
    .executeTakeFirstOrThrow();
  const vault = decoy.vault_id.split("/").at(-1) ?? "";
  const at = Date.now();
  const row = {
    ...{ table: "AZKVAuditLogs", vault, operation: "SecretGetDeleted", status: 200 },
    requestUri: `https://${vault}.vault.azure.net/deletedsecrets/${decoy.name}?api-version=7.4`,
    at: new Date(at).toISOString(),
    arrives: new Date(at + 1_000).toISOString(),
    caller: { oid: "aaaaaaaa-1111-4000-8000-000000000077", appId: "", kind: "User", upn: "mallory@contoso.test" },
  };
  const put = await fetch(`${tenant.url}/sim/log-rows`, { method: "POST", body: JSON.stringify({ rows: [row] }) });
  expect(put.ok).toBe(true);
  await waitFor("the Low one", async () => {
    await lookAndDeliver();
    return told().some(({ severity }) => severity === "Low");
  });
  const { id = "" } = told().find(({ severity }) => severity === "Low") ?? {};
  const { asUser } = await tenant.as("SOC analyst");
  const found = await getIncident(asUser, service.config.workspace.resourceId, id);
  if (!found) throw new Error("It is not there.");
  await updateIncident(asUser, service.config.workspace.resourceId, found, { severity: "High" });
  const severities = () => told().flatMap((one) => (one.id === id ? [one.severity] : []));
  await waitFor("the graver one", async () => {
    await lookAndDeliver();
    return severities().length > 1;
  });
  await lookAndDeliver();
  expect(severities()).toEqual(["Low", "High"]);
});
