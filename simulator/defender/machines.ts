import type { Context } from "../context";
import { Random } from "../world/random";

/** A virtual machine of the estate, on Linux: what secret scanning and vulnerability assessment look at. Nothing runs on it. */
export interface Machine {
  id: string;
  name: string;
  subscriptionId: string;
  resourceGroup: string;
  location: string;
  tags: Record<string, string>;
  vmId: string;
  size: string;
}

const MACHINES_MAX = 12;

/** The machines, one in each of the first groups of production; worked out anew each time, and always the same. */
export function worldMachines({ model, settings }: Pick<Context, "model" | "settings">): Machine[] {
  const machines: Machine[] = [];
  for (const group of model.resourceGroups.values()) {
    if (group.tags.environment !== "prod" || group.tags.team === undefined) continue;
    const random = new Random(`${settings.seed}/machine/${group.name}`);
    const name = `vm-${group.tags.team}-batch-01`;
    machines.push({
      id: `${group.id}/providers/Microsoft.Compute/virtualMachines/${name}`,
      name,
      subscriptionId: group.subscriptionId,
      resourceGroup: group.name,
      location: group.location,
      tags: group.tags,
      vmId: random.guid(),
      size: random.pick(["Standard_D2s_v5", "Standard_D4s_v5", "Standard_B2ms"]),
    });
    if (machines.length === MACHINES_MAX) break;
  }
  return machines;
}

/** `properties` of a machine, as ARM and Resource Graph show them. */
export function machineProperties(machine: Machine) {
  return {
    vmId: machine.vmId,
    hardwareProfile: { vmSize: machine.size },
    storageProfile: {
      osDisk: { osType: "Linux", name: `${machine.name}-os`, createOption: "FromImage", caching: "ReadWrite" },
      dataDisks: [],
    },
    osProfile: { computerName: machine.name, adminUsername: "operations" },
    provisioningState: "Succeeded",
  };
}
