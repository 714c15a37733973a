import type { VaultId } from "@/lib/azure/resource-id.pure";
import type { DecoyKind, Reader, SafetyFacts, VaultReaders } from "../facts.pure";

/* Facts for tests: a vault in which nothing is in the way, and what changes that. */

export function harmlessFacts(vaultId: VaultId): SafetyFacts {
  return {
    vaultId,
    vault: {
      known: true,
      value: {
        location: "westeurope",
        tags: {},
        permissionModel: "rbac",
        network: "public",
        purgeProtection: false,
        softDelete: true,
        retentionDays: 90,
        accessPolicies: 3,
        roleAssignments: 40,
      },
    },
    readers: readBy(),
    objections: { known: true, value: [] },
  };
}

/** Thirty days of log that show these readers. */
export function readBy(...readers: Reader[]): { known: true; value: VaultReaders } {
  const names = { secrets: 12, keys: 3, certificates: 0 };
  return { known: true, value: { days: 30, readers, certificateReaders: 0, names, throttledDays: 0, deleted: [] } };
}

export function loader(kind: DecoyKind): Reader {
  const caller = "0e0e0e0e-0000-4000-8000-000000000009";
  return { caller, kind, pattern: "everything", client: "aspnet", prefixes: [] };
}

export function unknownFacts(vaultId: VaultId): SafetyFacts {
  const nothing = { known: false, why: "Azure did not answer." } as const;
  return { vaultId, vault: nothing, readers: nothing, objections: nothing };
}
