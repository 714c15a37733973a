import "server-only";
import type { AzureAccess } from "@/lib/context";

/*
 * What a person may is asked again when the run starts. Tokens are never stored; the access made from the person's
 * token is kept in this process for a few minutes, by deployment. One map for the process: the bundler makes several
 * copies of a module.
 */

const KEPT_MS = 15 * 60_000;
const KEY = Symbol.for("key-vault-honeytokens.deployment-callers");

interface Kept {
  access: AzureAccess;
  until: number;
}

function callers(): Map<string, Kept> {
  // The one property that this file itself puts there.
  const holder = globalThis as typeof globalThis & { [KEY]?: Map<string, Kept> };
  holder[KEY] ??= new Map();
  return holder[KEY];
}

export function rememberCaller(deploymentId: string, access: AzureAccess, now: Date): void {
  const kept = callers();
  for (const [id, { until }] of kept) if (until < now.getTime()) kept.delete(id);
  kept.set(deploymentId, { access, until: now.getTime() + KEPT_MS });
}

/** The access of the person who started the deployment, while it lives in this process. */
export function rememberedCaller(deploymentId: string, now: Date): AzureAccess | undefined {
  const kept = callers().get(deploymentId);
  return kept && kept.until >= now.getTime() ? kept.access : undefined;
}
