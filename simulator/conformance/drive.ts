import { driveAlerting } from "./drive/alerting";
import { driveCertificates } from "./drive/certificates";
import { driveContainers } from "./drive/containers";
import { driveDefender } from "./drive/defender";
import { driveDiagnostics } from "./drive/diagnostics";
import { driveIncidents } from "./drive/incidents";
import { driveKeys } from "./drive/keys";
import { driveManagementGroups } from "./drive/management-groups";
import { drivePolicy } from "./drive/policy";
import { driveQueries } from "./drive/queries";
import { driveRoles } from "./drive/roles";
import { driveSecrets } from "./drive/secrets";
import { driveSentinel } from "./drive/sentinel";
import { driveStorage } from "./drive/storage";
import { driveVaultEndpoints, driveVaultLife, driveVaults } from "./drive/vaults";
import { driveWorkspaces } from "./drive/workspaces";
import type { Stage } from "./stage";

/** Every operation that the simulated tenant offers, in an order in which each finds what it needs. */
export async function driveAll(stage: Stage): Promise<void> {
  for (const drive of [
    driveContainers,
    driveVaults,
    driveSecrets,
    driveKeys,
    driveCertificates,
    driveRoles,
    driveDiagnostics,
    driveWorkspaces,
    driveQueries,
    driveSentinel,
    driveIncidents,
    driveManagementGroups,
    drivePolicy,
    driveDefender,
    driveStorage,
    driveAlerting,
    driveVaultEndpoints,
    driveVaultLife,
  ]) {
    await drive(stage);
  }
}
