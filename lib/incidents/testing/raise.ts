import { z } from "zod";
import type { TestTenant } from "@/lib/coverage/testing/tenant";
import { truth, waitFor } from "@/lib/coverage/testing/truth";

/** An incident as the simulated Sentinel keeps it. */
export const StoredIncident = z.object({
  name: z.string(),
  etag: z.string(),
  title: z.string(),
  status: z.string(),
  severity: z.string(),
  classification: z.string().optional(),
  classificationReason: z.string().optional(),
  classificationComment: z.string().optional(),
  determination: z.string().optional(),
  description: z.string(),
  owner: z.object({ objectId: z.string().optional(), userPrincipalName: z.string().optional() }),
  labels: z.array(z.object({ labelName: z.string(), labelType: z.string() })),
  ruleIds: z.array(z.string()),
  providerName: z.string(),
  providerIncidentId: z.string(),
});
export type StoredIncident = z.infer<typeof StoredIncident>;

const StoredComment = z.object({ incidentName: z.string(), message: z.string() });

/** The incident of that name in the simulated tenant, with its comments. */
export async function storedIncident(
  tenant: TestTenant,
  name: string,
): Promise<StoredIncident & { comments: string[] }> {
  const [incidents, comments] = await Promise.all([
    tenant.collection("incidents", StoredIncident),
    tenant.collection("incidentComments", StoredComment),
  ]);
  const found = incidents.find((incident) => incident.name === name);
  if (!found) throw new Error("no such incident in the simulated tenant");
  return { ...found, comments: comments.filter((one) => one.incidentName === name).map(({ message }) => message) };
}

const Run = z.object({
  id: z.string(),
  state: z.string(),
  steps: z.array(z.looseObject({ status: z.number() })),
});

/** Name (last segment of the id) of a vault that is audited and holds a registered, living decoy. */
async function decoyedVaults(tenant: TestTenant): Promise<string[]> {
  const { audited, decoyed } = await truth(tenant);
  return [...decoyed].filter((id) => audited.has(id)).map((id) => id.slice(id.lastIndexOf("/") + 1));
}

/** Lets the stolen token of the vault's application list and read everything; answers when it is done. */
export async function listThenGet(tenant: Pick<TestTenant, "url">, vault: string): Promise<number[]> {
  const started = await fetch(`${tenant.url}/sim/plays/list-then-get`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ vault, spread: 0 }),
  });
  const { id } = Run.parse(await started.json());
  let run = await runOf(tenant, id);
  await waitFor("the play to end", async () => {
    run = await runOf(tenant, id);
    return run.state !== "running";
  });
  return run.steps.map(({ status }) => status);
}

async function runOf(tenant: Pick<TestTenant, "url">, id: string) {
  return Run.parse(await (await fetch(`${tenant.url}/sim/plays/runs/${id}`)).json());
}

/** Plays a theft on a vault whose decoy can be read, and waits for the incident that it raises. */
export async function raiseIncident(tenant: TestTenant): Promise<StoredIncident & { vault: string }> {
  const vaults = await decoyedVaults(tenant);
  const before = new Set((await tenant.collection("incidents", StoredIncident)).map(({ name }) => name));
  for (const vault of vaults) {
    const statuses = await listThenGet(tenant, vault);
    if (statuses.filter((status) => status === 200).length < 3) continue;
    let raised: StoredIncident | undefined;
    await waitFor("the incident", async () => {
      const incidents = await tenant.collection("incidents", StoredIncident);
      raised = incidents.find(({ name, title }) => !before.has(name) && title.toLowerCase().includes(vault));
      return raised !== undefined;
    });
    if (raised) return { ...raised, vault };
  }
  throw new Error("no vault whose decoy can be read");
}
