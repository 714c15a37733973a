import { z } from "zod";
import { ruleBodies } from "@/lib/detection/rule-export";

const DAY_MS = 86_400_000;
const ROWS_PER_CALL = 50_000;
const INCIDENTS_PER_CALL = 1_000;

const Vaults = z.object({ documents: z.array(z.looseObject({ id: z.string(), name: z.string() })) });

const SEVERITIES = ["High", "Medium", "Low", "Informational"] as const;
const STATUSES = ["New", "Active", "Closed", "Closed"] as const;
const OPERATIONS = ["SecretGet", "SecretList", "KeyGet", "KeySign", "KeyUnwrap", "SecretBackup", "KeyDecrypt"];
const OWNERS = ["Sam Analyst", "Robin Analyst", "Kit Responder"];

interface Wish {
  incidents: number;
  rows: number;
  /** How far back they reach. */
  days: number;
}

/** Fills the watched workspace of a simulated tenant with a history, spread evenly over the last days. */
export async function fillWorkspace(simulatorUrl: string, { incidents, rows, days }: Wish): Promise<void> {
  const until = Date.now();
  const timeOf = (part: number) => new Date(until - days * DAY_MS * (1 - part)).toISOString();
  for (let row = 0; row < rows; row += ROWS_PER_CALL) {
    const count = Math.min(ROWS_PER_CALL, rows - row);
    await send(`${simulatorUrl}/sim/log-rows/fill`, {
      rows: count,
      from: timeOf(row / rows),
      until: timeOf((row + count) / rows),
    });
  }
  const vaults = Vaults.parse(await (await fetch(`${simulatorUrl}/sim/collections/vaults`)).json()).documents;
  const rule = ruleBodies()[0]?.name ?? "";
  for (let first = 0; first < incidents; first += INCIDENTS_PER_CALL) {
    const count = Math.min(INCIDENTS_PER_CALL, incidents - first);
    const wished = Array.from({ length: count }, (_, index) =>
      incidentOf(first + index, rule, vaults, timeOf((first + index) / incidents)),
    );
    await send(`${simulatorUrl}/sim/incidents/fill`, { incidents: wished });
  }
}

/** An incident as our rule for touched honeytokens raises it; `number` decides everything. */
function incidentOf(number: number, rule: string, vaults: readonly { id: string; name: string }[], at: string) {
  const vault = vaults[(number * 7) % vaults.length];
  const caller = `mallory-${number % 211}`;
  const operations = [pick(OPERATIONS, number)];
  const owner = number % 3 === 0 ? pick(OWNERS, number) : undefined;
  return {
    rule,
    at,
    title: `Honeytoken touched in ${vault?.name} by ${caller}@contoso.test`,
    severity: pick(SEVERITIES, number),
    status: pick(STATUSES, number * 5),
    ...(owner !== undefined && { owner }),
    entities: [
      { type: "azure-resource", fields: { ResourceId: vault?.id ?? "" } },
      { type: "account", fields: { Name: caller, UPNSuffix: "contoso.test" } },
      { type: "ip", fields: { Address: `203.0.113.${number % 250}` } },
    ],
    customDetails: {
      Caller: [`oid-${number % 211}`],
      CallerIps: [JSON.stringify([`203.0.113.${number % 250}`])],
      Decoys: [JSON.stringify([`service-${number % 480}-password`])],
      Operations: [JSON.stringify(operations)],
      Touches: [String(1 + (number % 9))],
      FirstTouch: [at],
      LastTouch: [at],
      Client: ["azsdk-net-Security.KeyVault.Secrets/4.6.0 (.NET 8.0.3; Linux 5.15)"],
    },
  };
}

function pick<T>(from: readonly T[], number: number): T {
  const one = from[number % from.length];
  if (one === undefined) throw new Error("There is nothing to pick from.");
  return one;
}

async function send(url: string, body: unknown): Promise<void> {
  const answer = await fetch(url, { method: "POST", body: JSON.stringify(body) });
  if (!answer.ok)
    throw new Error(`The simulator answered ${answer.status} when it was to be filled: ${await answer.text()}`);
}
