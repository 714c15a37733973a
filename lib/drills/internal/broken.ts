import "server-only";
import type { ServiceContext } from "@/lib/context";
import { registerHealth } from "@/lib/coverage/register-health";
import { AppError } from "@/lib/errors";

/**
 * Token keys of decoys that the log or a list shows to be gone, disabled or expired: whoever is refused there looks as if
 * they had touched one. None while that cannot be read; the log then has to show the touch anyway.
 */
export async function brokenDecoys(
  service: ServiceContext,
  vaultIds?: readonly string[],
): Promise<ReadonlySet<string>> {
  try {
    return new Set((await registerHealth(service, vaultIds)).broken.keys());
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return new Set();
  }
}
