import "server-only";

/** Who sleeps until a signal: one listener for all, since each further one of a signal costs as much as it has already. */
const sleepers = new WeakMap<AbortSignal, Set<() => void>>();

/** Waits so many milliseconds. Returns at once when there is nothing to wait for, and when it is told to stop. */
export function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  if (milliseconds <= 0 || signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const others = signal && sleepersOf(signal);
    const wake = (): void => {
      clearTimeout(timer);
      others?.delete(wake);
      resolve();
    };
    const timer = setTimeout(wake, milliseconds);
    others?.add(wake);
  });
}

function sleepersOf(signal: AbortSignal): Set<() => void> {
  const known = sleepers.get(signal);
  if (known) return known;
  const sleeping = new Set<() => void>();
  sleepers.set(signal, sleeping);
  const wakeAll = (): void => {
    for (const wake of [...sleeping]) wake();
  };
  signal.addEventListener("abort", wakeAll, { once: true });
  return sleeping;
}
