import "server-only";
import { z } from "zod";
import { kqlLiteral } from "@/lib/azure/kql-literal.pure";
import { queryResourceGraph } from "@/lib/azure/resource-graph";
import { recommendationOptions } from "@/lib/distribution/deploy";
import { readKql, withoutComments } from "@/lib/kql-files";
import { PLAIN_PARTS, tellingWords } from "../footprint.pure";
import { type Source, traceOf } from "./trace";

const kql = (name: string) => withoutComments(readKql(`lib/footprint/queries/${name}.kql`));

const VaultTags = z.object({
  id: z.string(),
  tags: z
    .record(z.string(), z.string())
    .nullish()
    .transform((tags) => tags ?? {}),
});
const Resource = z.object({ id: z.string(), name: z.string(), type: z.string() });

const READERS_OF_TAGS = "Every Reader of the vault; tags also show in cost reports and policies.";

/** Tags of vaults: the review tag by its name, others by their words. */
const tags: Source = {
  what: "Tags of the key vaults",
  async read(ctx) {
    const [vaults, { tagName }] = await Promise.all([
      queryResourceGraph(ctx.asUser, kql("vault-tags"), VaultTags),
      recommendationOptions(ctx),
    ]);
    const values = new Map<string, { name: string; values: Set<string>; vaults: number }>();
    for (const vault of vaults) {
      for (const [name, value] of Object.entries(vault.tags)) {
        const isOurs = name.toLowerCase() === tagName.toLowerCase();
        if (!isOurs && tellingWords(`${name} ${value}`).telling !== "plain") continue;
        const known = values.get(name.toLowerCase()) ?? { name, values: new Set(), vaults: 0 };
        values.set(name.toLowerCase(), known);
        known.values.add(value);
        known.vaults++;
      }
    }
    return [...values.values()].map((tag) =>
      traceOf({
        kind: "tag",
        name: tag.name,
        where: `On ${tag.vaults} of ${vaults.length} vaults: ${[...tag.values].slice(0, 5).join(", ")}`,
        readers: READERS_OF_TAGS,
        texts: [...tag.values],
        instead: "Choose a tag that speaks of a review only, deploy again, and take the old tag off.",
        link: { href: "/setup/recommendation", text: "Change the names of the recommendation" },
      }),
    );
  },
};

/** Anything in the subscriptions whose own name says it. */
const resources: Source = {
  what: "Names of resources",
  async read({ asUser }) {
    const words = PLAIN_PARTS.map((part) => `name contains ${kqlLiteral(part)}`).join(" or ");
    const rows = await queryResourceGraph(
      asUser,
      kql("telling-resources").replace("NAMES", () => words),
      Resource,
    );
    return rows.map(({ id, name, type }) =>
      traceOf({
        kind: "resource",
        name,
        where: `${type}, ${id.split("/").slice(0, 5).join("/")}`,
        readers: "Every Reader of its resource group or above.",
        instead: "Names of resources cannot change: make it anew under a dull name, if it is part of this.",
      }),
    );
  },
};

export const resourceTraces: readonly Source[] = [tags, resources];
