import "server-only";
import { z } from "zod";
import { queryResourceGraph } from "@/lib/azure/resource-graph";
import { recommendationOptions } from "@/lib/distribution/deploy";
import { readKql, withoutComments } from "@/lib/kql-files";
import { tellingWords } from "../footprint.pure";
import { type Source, traceOf } from "./trace";

const maybe = z
  .string()
  .nullish()
  .transform((text) => text ?? "");
const Row = z.object({
  id: z.string(),
  name: z.string(),
  type: z.string(),
  title: maybe,
  description: maybe,
  category: maybe,
});

const KINDS: Record<string, string> = {
  policydefinitions: "Policy definition",
  policysetdefinitions: "Initiative",
  policyassignments: "Assignment",
};

/** Definitions, initiatives and assignments: ours by their names, others by their words. */
const policies: Source = {
  what: "Policies and their assignments",
  async read(ctx) {
    const kql = withoutComments(readKql("lib/footprint/queries/policies.kql"));
    const [rows, options] = await Promise.all([
      queryResourceGraph(ctx.asUser, kql, Row, { alsoAbove: true }),
      recommendationOptions(ctx),
    ]);
    const ours = new Set(
      [options.tagPolicyName, options.auditPolicyName, options.initiativeName].map((name) => name.toLowerCase()),
    );
    return rows
      .filter(({ name, title }) => ours.has(name.toLowerCase()) || tellingWords(`${name} ${title}`).telling === "plain")
      .map(({ id, name, type, title, description, category }) =>
        traceOf({
          kind: "policy",
          name: title === "" ? name : `${title} (${name})`,
          where: `${KINDS[type.toLowerCase().split("/").at(-1) ?? ""] ?? type} at ${scopeOf(id)}`,
          readers: "Every Reader of the scope; owners also read its title and text in Defender for Cloud.",
          texts: [description, category],
          instead: "Take the neutral names, deploy again, and delete the old ones.",
          link: { href: "/setup/recommendation", text: "Change the names of the recommendation" },
        }),
      );
  },
};

function scopeOf(id: string): string {
  return id.replace(/\/providers\/Microsoft\.Authorization\/.*$/i, "") || "/";
}

export const policyTraces: readonly Source[] = [policies];
