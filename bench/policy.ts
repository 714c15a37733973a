import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { z } from "zod";
import { assignPolicy, putPolicyDefinition } from "@/lib/azure/policies";
import { listPolicyStates, type PolicyState, startScan } from "@/lib/azure/policy-insights";
import { normaliseId, parseVaultId, type VaultId, vaultIdParts } from "@/lib/azure/resource-id.pure";
import { mergeTags } from "@/lib/azure/tags";
import type { AzureAccess } from "@/lib/context";
import { startTenant } from "@/lib/coverage/testing/tenant";
import { auditPolicy, FAMILIAR_NAMES, type PolicyDefinition } from "@/lib/distribution/policies.pure";
import { repairTemplate } from "@/lib/distribution/repair-template.pure";
import { printTable } from "./table";

/** What the tag says on one vault each; undefined = it has none. */
const CASES: readonly { name: string; value: string | undefined }[] = [
  { name: "missing", value: undefined },
  { name: "reviewNeeded", value: "ReviewNeeded" },
  { name: "reviewed", value: "Reviewed" },
  { name: "reviewedOtherCasing", value: "REVIEWED" },
  { name: "other", value: "Later" },
];

const PATIENCE_MS = 3 * 60_000;
const LINK = "http://localhost:3000/vaults?mine=true";
const Rule = z.object({ policyRule: z.record(z.string(), z.unknown()) });
const Vault = z.object({ id: z.string(), tags: z.record(z.string(), z.string()).optional() });

/**
 * `npm run bench -- policy [--json]`: what the policy of the recommendation makes of vaults whose review tag is missing,
 * asks for a review, says that there was one, in this and in other casing, or says something else. Beside ours the form
 * in which the policy was first published (`seed`), and that one with its one leaf repaired by this product
 * (`corrected`). Each answer is a policy state of the simulated tenant after a scan, set and read by the unmodified SDKs.
 * Fails when ours is not flagged until Reviewed, or not when untagged.
 */
export async function policyBench(args: string[]): Promise<boolean> {
  const { values } = parseArgs({ args, options: { json: { type: "boolean", default: false } } });
  const tenant = await startTenant("--vaults", "60");
  try {
    const { asUser } = await tenant.as("Administrator");
    const options = { ...FAMILIAR_NAMES, link: LINK };
    const vaults = vaultsFor(await tenant.collection("vaults", Vault), options.tagName);
    const [{ id: first }] = vaults;
    const { subscriptionId } = vaultIdParts(first);
    for (const { id, value } of vaults)
      if (value !== undefined) await mergeTags(asUser, id, { [options.tagName]: value });
    const assigned = await assignForms(asUser, subscriptionId, auditPolicy(options));
    // A new assignment takes a while to work, here as in Azure: a scan before that leaves it out.
    const until = Date.now() + PATIENCE_MS;
    for (;;) {
      await startScan(asUser, subscriptionId);
      const states = await listPolicyStates(asUser, { subscriptionId });
      const table = assigned.map(({ form, id }) => ({ form, cells: cellsOf(states, id, vaults) }));
      if (table.every(({ cells }) => Object.keys(cells).length === CASES.length)) return report(table, values.json);
      if (Date.now() > until) throw new Error("The policy states did not come within three minutes.");
      await pause(1_000);
    }
  } finally {
    await tenant.stop();
  }
}

interface Tagged {
  name: string;
  value: string | undefined;
  id: VaultId;
}

/** One vault for each case, all of one subscription and without the tag so far. */
function vaultsFor(all: readonly z.infer<typeof Vault>[], tagName: string): [Tagged, ...Tagged[]] {
  const free = all
    .filter(({ tags }) => !Object.keys(tags ?? {}).some((tag) => tag.toLowerCase() === tagName.toLowerCase()))
    .flatMap(({ id }) => parseVaultId(id) ?? []);
  const [first] = free;
  const subscription = first && vaultIdParts(first).subscriptionId;
  const chosen = free.filter((id) => vaultIdParts(id).subscriptionId === subscription);
  const [one, ...others] = CASES.flatMap((wanted, index) => {
    const id = chosen[index];
    return id ? [{ ...wanted, id }] : [];
  });
  if (!one || others.length < CASES.length - 1) throw new Error("The tenant has too few vaults without the tag.");
  return [one, ...others];
}

async function assignForms(azure: AzureAccess, subscriptionId: string, shipped: PolicyDefinition) {
  const seed = { ...shipped, policyRule: asPublished(shipped.policyRule) };
  const { repaired, findings } = repairTemplate(JSON.stringify(seed), "ReviewNeeded");
  if (findings.length !== 2) throw new Error("The published form was not recognised.");
  const corrected = { ...shipped, ...Rule.parse(repaired) };
  const assigned: { form: string; id: string }[] = [];
  for (const [form, definition] of Object.entries({ shipped, seed, corrected })) {
    const name = `review-${form}`;
    const policyDefinitionId = await putPolicyDefinition(azure, { subscriptionId }, name, definition);
    const { id } = await assignPolicy(azure, { subscriptionId }, name, { policyDefinitionId, displayName: name });
    assigned.push({ form, id: normaliseId(id) });
  }
  return assigned;
}

/** The condition with a literal where a field is meant, and compared the wrong way round. */
function asPublished(rule: Record<string, unknown>): Record<string, unknown> {
  const type = { field: "type", equals: "Microsoft.KeyVault/vaults" };
  const leaf = { value: "tags[KVReview]", notEquals: "ReviewNeeded" };
  return { ...rule, if: { allOf: [type, { field: "tags[KVReview]", exists: "true" }, leaf] } };
}

function cellsOf(
  states: readonly PolicyState[],
  assignmentId: string,
  vaults: readonly Tagged[],
): Record<string, string> {
  const own = states.filter((state) => state.assignmentId === assignmentId);
  return Object.fromEntries(
    vaults.flatMap(({ name, id }) => {
      const state = own.find(({ resourceId }) => resourceId === id);
      return state ? [[name, state.compliance]] : [];
    }),
  );
}

function report(table: readonly { form: string; cells: Record<string, string> }[], json: boolean): boolean {
  printTable(
    ["form", ...CASES.map(({ name }) => name)],
    table.map(({ form, cells }) => [form, ...CASES.map(({ name }) => cells[name] ?? "")]),
  );
  if (json) console.log(JSON.stringify(Object.fromEntries(table.map(({ form, cells }) => [form, cells]))));
  const shipped = table.find(({ form }) => form === "shipped")?.cells ?? {};
  return CASES.every(({ name, value }) => {
    const reviewed = value?.toLowerCase() === "reviewed";
    return shipped[name] === (reviewed ? "Compliant" : "NonCompliant");
  });
}
