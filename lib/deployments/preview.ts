import "server-only";
import type { UserContext } from "@/lib/context";
import { type Examination, examine } from "./internal/examine";
import { honeytokens } from "./internal/outcome";
import { type PlantPreview, type PlantRequest, STEPS, type StepName } from "./plan.pure";

/**
 * What planting would do and what stands against it. Writes nothing and names no decoy.
 *
 * @throws AppError when the request itself is wrong or the person may not see the vault
 */
export async function previewPlant(ctx: UserContext, request: PlantRequest): Promise<PlantPreview> {
  const { vault, way, blocked, acceptable, warnings } = await examine(ctx, request);
  return {
    steps: STEPS.map(({ name, title }) => ({ name, title, detail: detailOf(name, { vault, way }, request) })),
    blocked,
    acceptable,
    warnings,
  };
}

function detailOf(
  step: StepName,
  { vault, way }: Pick<Examination, "vault" | "way">,
  { kind, count }: PlantRequest,
): string {
  const what = honeytokens(count);
  const details: Record<StepName, string> = {
    check: "Asks again with your own rights, right before the work begins.",
    register: `Adds ${what} to the register that the detection rules read.`,
    grant:
      way === "arm_key" || vault.permissionModel === "rbac"
        ? "Assigns a role at this vault only, which can write but neither read values nor delete."
        : `Adds what is missing of list and ${kind === "secret" ? "set" : "create"} to the vault's access policies.`,
    watch: "Usually takes up to 5 minutes; after 15 minutes it stops, plants nothing and takes everything back.",
    plant: `Creates ${what} of kind ${kind} under names that fit in${way === "arm_key" ? ", through Azure Resource Manager" : ""}. Nothing that exists is overwritten.`,
    confirm: "Reads the list only; no value is read.",
    revoke: "Takes back what this job gave, and nothing else.",
    publish: "From then on every touch raises an incident, also by us.",
    arrive: "Proves that the vault's audit log reaches the workspace; usually 3 to 10 minutes.",
  };
  return details[step];
}
