import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { parseVaultId, type VaultId } from "@/lib/azure/resource-id.pure";
import type { AzureAccess, ServiceContext, UserContext } from "@/lib/context";
import { readBoard } from "@/lib/coverage/board";
import { collectAll } from "@/lib/coverage/testing/collect-all";
import { startTenant, type TestTenant } from "@/lib/coverage/testing/tenant";
import { waitFor } from "@/lib/coverage/testing/truth";
import { AppError } from "@/lib/errors";
import { importRegister } from "@/lib/register/import";
import { followDrills } from "../follow";
import { touchWhatIsDue } from "../internal/touch";

/* What tests of drills need of the simulated tenant. */

/** A decoy of the world, with how its vault decides about rights. */
export interface LivingDecoy {
  vaultId: VaultId;
  kind: string;
  name: string;
  permissionModel: string | undefined;
}

const VAULTS = 60;

/** A tenant whose vaults are known to the product, its administrator, and what can be drilled there. */
export async function startDrilling(): Promise<{ tenant: TestTenant; admin: UserContext; decoys: LivingDecoy[] }> {
  const tenant = await startTenant("--vaults", String(VAULTS), "--seed", "1");
  const admin = await tenant.as("Administrator");
  await importRegister(tenant.service);
  await collectAll(tenant.service, VAULTS);
  return { tenant, admin, decoys: await livingDecoys(tenant, admin) };
}

/** One living decoy secret of each protected vault whose network lets anybody in. */
async function livingDecoys(tenant: TestTenant, admin: UserContext): Promise<LivingDecoy[]> {
  const { vaults } = await readBoard(admin);
  const open = vaults.filter(({ state, network }) => state === "protected" && network === "public");
  const rows = await tenant.service.db
    .selectFrom("decoy")
    .select(["kind", "name", "vault_id"])
    .distinctOn("vault_id")
    .where("state", "=", "live")
    .where("kind", "=", "secret")
    .where(
      "vault_id",
      "in",
      open.map(({ id }) => id),
    )
    .execute();
  return rows.flatMap(({ kind, name, vault_id }) => {
    const vaultId = parseVaultId(vault_id);
    const permissionModel = open.find(({ id }) => id === vault_id)?.permissionModel;
    return vaultId ? [{ vaultId, kind, name, permissionModel }] : [];
  });
}

export const Incident = z.object({
  name: z.string(),
  title: z.string(),
  severity: z.string(),
  status: z.string(),
  classification: z.string().optional(),
  classificationReason: z.string().optional(),
  labels: z.array(z.object({ labelName: z.string() })),
  alertIds: z.array(z.string()),
});
export type Incident = z.infer<typeof Incident>;
export const Alert = z.object({
  systemAlertId: z.string(),
  customDetails: z.record(z.string(), z.array(z.string())),
});

/** Incidents whose alerts name this caller and this vault. */
export async function incidentsIn(tenant: TestTenant, oid: string, vaultId: string): Promise<Incident[]> {
  const alerts = await tenant.collection("alerts", Alert);
  const wanted = new Set(
    alerts
      .filter(
        ({ customDetails: { Caller, TokenKeys } }) => Caller?.[0] === oid && TokenKeys?.[0]?.includes(`${vaultId}/`),
      )
      .map(({ systemAlertId }) => systemAlertId),
  );
  return (await tenant.collection("incidents", Incident)).filter(({ alertIds }) =>
    alertIds.some((id) => wanted.has(id)),
  );
}

/** The touch that somebody makes without us: the vault's answer. */
export async function readDirectly(
  tenant: TestTenant,
  access: AzureAccess,
  { vaultId, kind, name }: LivingDecoy,
): Promise<Response> {
  const token = await access.credential.getToken("https://vault.azure.net/.default");
  return fetch(`${tenant.url}/${kind}s/${name}?api-version=7.4`, {
    headers: {
      "x-forwarded-host": `${vaultId.split("/").at(-1)}.vault.azure.net`,
      authorization: `Bearer ${token?.token}`,
    },
  });
}

/** What the job does, round by round, until something holds. */
export async function carryDrills(service: ServiceContext, until: () => Promise<boolean>, what: string): Promise<void> {
  const round = async () => {
    await touchWhatIsDue(service, pause);
    await followDrills(service);
  };
  await waitFor(what, async () => (await unlessThrottled(round)) && until(), 60_000);
}

/** One look at all open drills. */
export async function followOnce(service: ServiceContext): Promise<void> {
  await waitFor("the drills to be looked at", () => unlessThrottled(() => followDrills(service)), 60_000);
}

/** A round in which Azure asks to slow down decides nothing, and the next goes on: so does the job. */
async function unlessThrottled(round: () => Promise<unknown>): Promise<boolean> {
  try {
    await round();
    return true;
  } catch (error) {
    if (error instanceof AppError && error.failure.code === "throttled") return false;
    throw error;
  }
}

/** Requests that name an object of a vault, as sent. */
export function namedReads(tenant: TestTenant): string[] {
  return tenant.sent.filter((line) => /^GET .*vault\.azure\.net\/(secrets|keys)\/[^/?]+\?/.test(line));
}

/** A process that dies while it sends a touch: nothing that it would have done after is done. */
export function dyingAtTouch(service: ServiceContext, sends: boolean): ServiceContext {
  const { drill } = service.azure;
  const sendRequest: AzureAccess["httpClient"]["sendRequest"] = async (request) => {
    const names = /\/(secrets|keys)\/[^/?]+\?/.test(request.url);
    if (!names) return drill.httpClient.sendRequest(request);
    if (sends) await drill.httpClient.sendRequest(request);
    return new Promise(() => {});
  };
  return { ...service, azure: { ...service.azure, drill: { ...drill, httpClient: { sendRequest } } } };
}
