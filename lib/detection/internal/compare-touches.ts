/** Touches of one caller on one decoy within one minute. */
export interface Touch {
  /** Normalised vault id. */
  vaultId: string;
  tokenKey: string;
  decoy: string;
  caller: string;
  firstTouch: Date;
  lastTouch: Date;
}

/** What an alert of ours says about the touches behind it. */
export interface AlertedTouches {
  /** Normalised vault ids. */
  vaultIds: ReadonlySet<string>;
  callers: ReadonlySet<string>;
  /** Token keys and lower-case names; some may be missing where `complete` is false. */
  decoys: ReadonlySet<string>;
  /** False where the alert had no room for all of its decoys. */
  complete: boolean;
  first: Date;
  last: Date;
}

/**
 * The touches that no alert tells of: none of that caller, in that vault, about that decoy, at that time. An alert that had
 * no room for all its decoys counts for every decoy of the caller in the vault at the time. The request's own id
 * is not looked at: the caller chooses it.
 */
export function missedOf<T extends Touch>(touches: readonly T[], alerts: readonly AlertedTouches[]): T[] {
  return touches.filter((touch) => !alerts.some((alert) => tells(alert, touch)));
}

function tells({ vaultIds, callers, decoys, complete, first, last }: AlertedTouches, touch: Touch): boolean {
  return (
    vaultIds.has(touch.vaultId) &&
    callers.has(touch.caller.toLowerCase()) &&
    touch.firstTouch <= last &&
    touch.lastTouch >= first &&
    (!complete || decoys.has(touch.tokenKey) || decoys.has(touch.decoy.toLowerCase()))
  );
}
