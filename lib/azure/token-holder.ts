import "server-only";
import { decodeJwt } from "jose";
import { z } from "zod";
import type { AzureAccess } from "@/lib/context";

const Claims = z.object({ oid: z.guid().toLowerCase() });

/**
 * Object id of whom Azure gives a token for Azure Resource Manager, lower case. Undefined where the token does not tell:
 * Microsoft keeps its form to itself, so this is good for a check and for nothing else.
 */
export async function tokenHolder(azure: Pick<AzureAccess, "credential" | "cloud">): Promise<string | undefined> {
  const answer = await azure.credential.getToken(`${azure.cloud.arm}/.default`);
  try {
    return Claims.parse(decodeJwt(answer?.token ?? "")).oid;
  } catch {
    return undefined;
  }
}
