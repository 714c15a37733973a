import { requireScope } from "../arm/scope";
import type { Call } from "../context";
import { worldMachines } from "./machines";

/**
 * The id of what stands at a scope, a virtual machine or storage account included, or ARM's 404. Call `authorize` first.
 */
export function requireSecurityScope(call: Call, scope: string): string {
  const wanted = scope.toLowerCase();
  const machine = worldMachines(call).find(({ id }) => id.toLowerCase() === wanted);
  if (machine) return machine.id;
  const account = call.model.storageAccounts.get(scope);
  return account ? account.id : requireScope(call, scope).id;
}
