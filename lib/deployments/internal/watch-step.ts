import "server-only";
import { auditLogReaches, NO_AUDIT_LOG } from "./audit-log";
import { registerAskedAgainIn, visibleInRegister } from "./evidence";
import { done, failed, honeytokens, type Outcome, type StepJob } from "./outcome";

/**
 * Waits until the workspace itself returns the register's rows, then asks whether the vault's log goes there: a decoy that
 * nobody watches must never exist.
 */
export async function watchStep({ service, run, step }: StepJob): Promise<Outcome> {
  const { timing } = service.config;
  const awaited = run.decoys.filter((decoy) => decoy.version === null);
  const visible = await visibleInRegister(service, awaited);
  if (awaited.every((decoy) => visible.has(decoy.token_key))) {
    if (!(await auditLogReaches(service, run.vaultId))) return failed(NO_AUDIT_LOG);
    return done(
      `The workspace returns the register entry; the rules watch ${honeytokens(awaited.length)} from now on.`,
    );
  }
  const minutes = Math.round(timing.registerVisibleWithin / 60_000);
  if (service.now().getTime() - step.started_at.getTime() > timing.registerVisibleWithin) {
    const within = minutes >= 1 ? `${minutes} minutes` : "the time allowed";
    return failed(
      `The register entry did not become visible in the workspace within ${within}, so nothing was planted. Look at the health of the workspace, then start again.`,
    );
  }
  return {
    is: "waiting",
    ms: registerAskedAgainIn(service),
    detail: "Waiting until the workspace shows the register entry: Azure usually takes up to 5 minutes.",
  };
}
