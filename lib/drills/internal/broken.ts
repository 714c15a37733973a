import "server-only";
import type { ServiceContext } from "@/lib/context";
import { brokenDecoys } from "@/lib/coverage/register-health";
import { AppError } from "@/lib/errors";

/**
 * Token keys of decoys that the log or a list shows to be gone, disabled or expired: whoever is refused there looks as if
 * they had touched one. None while that cannot be read; the log then has to show the touch anyway.
 */
export async function brokenKeys(service: ServiceContext, vaultId?: string): Promise<ReadonlySet<string>> {
  try {
    return new Set((await brokenDecoys(service, vaultId)).keys());
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return new Set();
  }
}
