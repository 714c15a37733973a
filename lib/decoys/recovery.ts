/** Azure's default, for a vault that does not say until when it keeps what is deleted. */
const RECOVERY_DEFAULT_MS = 90 * 24 * 60 * 60_000;

/** Until when Azure can bring a removed decoy back; undefined where it is not known when it was deleted. */
export function recoveryEnds({
  deleted_at: deleted,
  recoverable_until: until,
}: {
  deleted_at: Date | null;
  recoverable_until: Date | null;
}): Date | undefined {
  if (deleted === null) return undefined;
  return until ?? new Date(deleted.getTime() + RECOVERY_DEFAULT_MS);
}
