import { z } from "zod";
import type { Context } from "../context";
import { alertId, raiseAlert } from "../defender/alert-store";
import { ALERT_TYPES } from "../defender/alert-types";
import { vaultsAreCovered } from "../defender/plans";
import { AzureError, type Router, type SimRequest, type SimResponse } from "../http";

const Body = z.object({
  /** Name or ARM id. */
  vault: z.string().min(1),
  alertType: z.string().min(1),
  /** Object id of who did it. */
  caller: z.guid().optional(),
  address: z.ipv4().optional(),
  /** How often. */
  operations: z.int().min(1).max(1_000_000).optional(),
});

/** Minutes of activity that a raised alert tells of. */
const ACTIVITY_MS = 5 * 60_000;

/** `POST /sim/defender/alerts`: Defender raises one of its alerts about a vault now, as if it had seen something there. */
export function routeDefenderControl<C extends { request: SimRequest; context: Context }>(router: Router<C>): void {
  router.on("POST", "/sim/defender/alerts", ({ request, context }) => raise(context, request));
}

function raise(context: Context, request: SimRequest): SimResponse {
  const read = Body.safeParse(request.json());
  if (!read.success) {
    const issue = read.error.issues[0];
    throw new AzureError(400, "BadRequest", `Invalid value at ${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`);
  }
  const { vault: wanted, alertType, caller, address, operations } = read.data;
  const type = ALERT_TYPES.find((known) => known.alertType.toLowerCase() === alertType.toLowerCase());
  if (!type) throw new AzureError(400, "BadRequest", `Defender for Key Vault has no alert of the type '${alertType}'.`);
  const vault = findVault(context, wanted);
  if (!vault) throw new AzureError(404, "NotFound", `There is no vault '${wanted}'.`);
  if (!vaultsAreCovered(context, vault.subscriptionId)) {
    throw new AzureError(409, "Conflict", "The subscription of the vault does not have the plan of Key Vault.");
  }
  const principal = caller === undefined ? undefined : context.model.principals.get(caller);
  if (caller !== undefined && !principal) throw new AzureError(404, "NotFound", `There is no principal '${caller}'.`);
  const endTime = context.now();
  const alert = raiseAlert(context, {
    type,
    vaultId: vault.id,
    startTime: endTime - ACTIVITY_MS,
    endTime,
    ...(principal === undefined ? {} : { caller: principal }),
    ...(address === undefined ? {} : { address }),
    ...(operations === undefined ? {} : { operations }),
  });
  const { suppressedBy } = alert;
  return {
    status: 201,
    body: { id: alertId(alert), name: alert.name, status: alert.status, ...(suppressedBy && { suppressedBy }) },
  };
}

function findVault({ model }: Context, wanted: string) {
  const lower = wanted.toLowerCase();
  if (lower.startsWith("/")) return model.vaults.get(lower);
  for (const vault of model.vaults.values()) if (vault.name.toLowerCase() === lower) return vault;
  return undefined;
}
