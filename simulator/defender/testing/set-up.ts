import { makeArmTenant, NOON, SUBSCRIPTION, VAULT } from "../../arm/test-context";
import { raiseAlert } from "../alert-store";
import { ALERT_TYPES } from "../alert-types";

export const ROOT = `/subscriptions/${SUBSCRIPTION}`;
export const SECURITY = `${ROOT}/providers/Microsoft.Security`;
export const PLAN = `${SECURITY}/pricings/KeyVaults`;
export const DAY = 86_400_000;

/** A small tenant with somebody who may do everything in Defender, and a way to raise alerts. */
export function setUp() {
  const tenant = makeArmTenant();
  const admin = tenant.personWith(["Microsoft.Security/*", "*/read"], ROOT);
  const send = (method: string, path: string, body?: unknown, as = admin) => tenant.send(as, method, path, body);
  const raise = (alertType = "KV_UserAnomaly", vaultId = VAULT, address?: string) => {
    const type = ALERT_TYPES.find((known) => known.alertType === alertType);
    if (!type) throw new Error(`There is no alert type ${alertType}.`);
    return raiseAlert(tenant.context, {
      type,
      vaultId,
      startTime: NOON - 60_000,
      endTime: NOON,
      ...(address === undefined ? {} : { address }),
    });
  };
  return { tenant, admin, send, raise };
}
