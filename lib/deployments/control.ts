import "server-only";
import type { UserContext } from "@/lib/context";
import { AppError } from "@/lib/errors";
import type { Confirmation } from "./fleet.pure";
import type { DeploymentState } from "./views.pure";

type Outcome = Promise<{ state: DeploymentState }>;

async function missing(): Outcome {
  throw new AppError("unavailable", "Steering a deployment is not in this build.");
}

export const startDeployment = (_ctx: UserContext, _input: Confirmation): Outcome => missing();
export const approveDeployment = (_ctx: UserContext, _input: { id: string }): Outcome => missing();
export const refuseDeployment = (_ctx: UserContext, _input: { id: string }): Outcome => missing();
export const pauseDeployment = (_ctx: UserContext, _input: { id: string }): Outcome => missing();
export const resumeDeployment = (_ctx: UserContext, _input: { id: string }): Outcome => missing();
export const cancelDeployment = (_ctx: UserContext, _input: { id: string }): Outcome => missing();
export const retryDeployment = (_ctx: UserContext, _input: { id: string }): Outcome => missing();
export const discardDeployment = (_ctx: UserContext, _input: { id: string }): Outcome => missing();
