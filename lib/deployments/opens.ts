import "server-only";
import type { User } from "@/lib/context";
import { type Deployment, seesAll } from "./internal/visible";

/** Whether somebody who may read one vault of a deployment may open all of it, as `visibleDeployment` decides. */
export function opensFromVault(
  user: User,
  { requested_by_oid: by, total }: Pick<Deployment, "requested_by_oid" | "total">,
): boolean {
  return by === user.oid || seesAll(user) || total === 1;
}
