import "server-only";
import type { UserContext } from "@/lib/context";
import { AppError } from "@/lib/errors";
import type { FleetRequest } from "./fleet.pure";

/** Records what is to be planned. @throws AppError `unavailable`: planning is not in this build */
export async function recordPlan(_ctx: UserContext, _request: FleetRequest): Promise<{ id: string }> {
  throw new AppError("unavailable", "Planning over many vaults is not in this build.");
}
