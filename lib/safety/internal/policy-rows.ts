import "server-only";
import { z } from "zod";
import { queryResourceGraph } from "@/lib/azure/resource-graph";
import { normaliseId } from "@/lib/azure/resource-id.pure";
import type { AzureAccess } from "@/lib/context";
import { AppError } from "@/lib/errors";
import { readKql, withoutComments } from "@/lib/kql-files";

const id = z.string().transform(normaliseId);
const bag = z
  .record(z.string(), z.unknown())
  .nullish()
  .transform((value) => value ?? {});
const list = <T extends z.ZodType>(member: T) =>
  z
    .array(member)
    .nullish()
    .transform((value) => value ?? []);
const selector = z.object({
  kind: z.string(),
  in: list(z.string().toLowerCase()),
  notIn: list(z.string().toLowerCase()),
});
const values = z
  .record(z.string(), z.object({ value: z.unknown() }))
  .nullish()
  .transform((value) => value ?? {});

const rule = z.record(z.string(), z.unknown()).transform((said) => ({
  condition: said.if,
  effect: z.looseObject({ effect: z.unknown() }).parse(said.then ?? {}).effect,
}));

const Assignment = z.object({
  id,
  properties: z.object({
    displayName: z.string().nullish(),
    scope: id,
    notScopes: list(id),
    policyDefinitionId: id,
    enforcementMode: z.string().nullish(),
    parameters: values,
    resourceSelectors: list(z.object({ selectors: list(selector) })),
    overrides: list(z.object({ kind: z.string(), value: z.unknown(), selectors: list(selector) })),
  }),
});
const Exemption = z.object({
  id,
  properties: z.object({
    policyAssignmentId: id,
    policyDefinitionReferenceIds: list(z.string().toLowerCase()),
    expiresOn: z.string().nullish(),
  }),
});
const Initiative = z.object({
  id,
  properties: z.object({
    parameters: bag,
    policyDefinitions: list(
      z.object({
        policyDefinitionReferenceId: z
          .string()
          .nullish()
          .transform((text) => text?.toLowerCase() ?? ""),
        policyDefinitionId: id,
        parameters: values,
      }),
    ),
  }),
});
const Definition = z.object({
  id,
  properties: z.object({
    displayName: z.string().nullish(),
    mode: z.string().nullish(),
    parameters: bag,
    policyRule: rule,
  }),
});

export type Assignment = z.infer<typeof Assignment>;
export type Exemption = z.infer<typeof Exemption>;
export type Initiative = z.infer<typeof Initiative>;
export type Definition = z.infer<typeof Definition>;

/** Policy objects that may speak against a decoy; initiatives and definitions by normalised id. */
export interface PolicyRows {
  assignments: readonly Assignment[];
  exemptions: readonly Exemption[];
  initiatives: ReadonlyMap<string, Initiative>;
  definitions: ReadonlyMap<string, Definition>;
}

const Row = z.looseObject({ id: z.string(), type: z.string() });

/** The policies of the whole tenant that the collector may read: one Resource Graph query. */
export async function readPolicyRows(azure: AzureAccess): Promise<PolicyRows> {
  const kql = withoutComments(readKql("lib/safety/queries/policies.kql"));
  return parsePolicyRows(await queryResourceGraph(azure, kql, Row, { alsoAbove: true }));
}

/**
 * Sorts rows of `policies.kql`.
 *
 * @throws AppError `unavailable` when one has a form that is not understood: a policy must not fall out unseen
 */
export function parsePolicyRows(rows: readonly z.infer<typeof Row>[]): PolicyRows {
  const of = <T>(type: string, schema: z.ZodType<T>): T[] => {
    const parsed = z.array(schema).safeParse(rows.filter((row) => row.type === `microsoft.authorization/${type}`));
    if (parsed.success) return parsed.data;
    throw new AppError("unavailable", "A policy of the tenant has a form that is not understood.", {}, parsed.error);
  };
  return {
    assignments: of("policyassignments", Assignment),
    exemptions: of("policyexemptions", Exemption),
    initiatives: new Map(of("policysetdefinitions", Initiative).map((one) => [one.id, one])),
    definitions: new Map(of("policydefinitions", Definition).map((one) => [one.id, one])),
  };
}
