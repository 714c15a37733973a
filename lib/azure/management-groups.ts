import "server-only";
import { ManagementGroupsAPI } from "@azure/arm-managementgroups";
import { z } from "zod";
import type { AzureAccess } from "@/lib/context";
import { armOptions, drain } from "./clients";
import { toAppError } from "./parse-error";

const Group = z.object({ name: z.string().min(1), displayName: z.string().nullish() });

/** The management groups that the caller may read, by name; none for somebody without a right at any. */
export async function listManagementGroups(azure: AzureAccess): Promise<{ name: string; displayName: string }[]> {
  try {
    const { managementGroups } = new ManagementGroupsAPI(azure.credential, armOptions(azure));
    return z
      .array(Group)
      .parse(await drain(managementGroups.list()))
      .map(({ name, displayName }) => ({ name, displayName: displayName ?? name }));
  } catch (error) {
    throw toAppError(error, "list the management groups");
  }
}
