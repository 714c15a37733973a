import { driveCertificates } from "./drive/certificates";
import { driveContainers } from "./drive/containers";
import { driveDiagnostics } from "./drive/diagnostics";
import { driveKeys } from "./drive/keys";
import { driveQueries } from "./drive/queries";
import { driveRoles } from "./drive/roles";
import { driveSecrets } from "./drive/secrets";
import { driveSentinel } from "./drive/sentinel";
import { driveDeletedVaults, driveVaults } from "./drive/vaults";
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
    driveDeletedVaults,
  ]) {
    await drive(stage);
  }
}
