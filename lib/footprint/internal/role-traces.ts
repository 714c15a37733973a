import "server-only";
import { z } from "zod";
import { kqlLiteral } from "@/lib/azure/kql-literal.pure";
import { queryResourceGraph } from "@/lib/azure/resource-graph";
import { SERVICE_IDENTITIES } from "@/lib/config";
import { readKql, withoutComments } from "@/lib/kql-files";
import { type Trace, tellingWords } from "../footprint.pure";
import { lastOf, type Source, traceOf } from "./trace";

const kql = (name: string) => withoutComments(readKql(`lib/footprint/queries/${name}.kql`));
const maybe = z
  .string()
  .nullish()
  .transform((text) => text || undefined);
const Role = z.object({ id: z.string(), name: z.string(), title: z.string(), description: maybe });
const Assignment = z.object({
  id: z.string(),
  principal: z.string(),
  scope: z.string(),
  role: z.string(),
  roleName: maybe,
});

const GRANTS = { href: "/setup/grants", text: "Open grants and roles" };

/** Custom roles: ours by their GUIDs, others by their words. */
const roles: Source = {
  what: "Custom roles",
  async read({ asUser, config }) {
    const ours = new Set([config.plantRoleId, config.retireRoleId].map((id) => id?.toLowerCase()));
    const rows = await queryResourceGraph(asUser, kql("custom-roles"), Role, { alsoAbove: true });
    return rows
      .filter(({ name, title }) => ours.has(name) || tellingWords(title).telling === "plain")
      .map(({ name, title, description }) =>
        traceOf({
          kind: "role",
          name: title,
          where: `Custom role ${name}`,
          readers: "Every Reader of a scope in which it can be given.",
          texts: [description],
          ...(name === config.plantRoleId.toLowerCase() && { content: "it writes secrets and reads none" }),
          instead: "Name it after provisioning, in Azure: the product keeps the name that a role has.",
          link: GRANTS,
        }),
      );
  },
};

/** What the product's own identities hold: one line for each identity and role. */
const assignments: Source = {
  what: "Role assignments of the product's identities",
  async read({ asUser, config }) {
    const names = new Map(
      SERVICE_IDENTITIES.map((name) => [config.identities[name].objectId.toLowerCase(), name] as const),
    );
    const list = kqlLiteral([...names.keys()]);
    const query = kql("assignments").replace("PRINCIPALS", () => list);
    const rows = await queryResourceGraph(asUser, query, Assignment, { alsoAbove: true });
    const lines = new Map<string, z.infer<typeof Assignment>[]>();
    for (const row of rows) {
      const key = `${row.principal} ${row.role}`;
      lines.set(key, [...(lines.get(key) ?? []), row]);
    }
    return [...lines.values()].flatMap((held): Trace[] => {
      const [first] = held;
      if (!first) return [];
      const places = held.map(({ scope }) => lastOf(scope));
      const who = names.get(first.principal) ?? "";
      return [
        traceOf({
          kind: "assignment",
          name: first.roleName ?? first.role,
          where: `Given to ${first.principal} (${who}) at ${places.slice(0, 3).join(", ")}${places.length > 3 ? ` and ${places.length - 3} more` : ""}`,
          readers: "Every Reader of those scopes; the activity log keeps that it was given.",
          ...(who === "planter" && { content: "it stands while the planter works there" }),
          instead:
            who === "planter"
              ? "It goes when the work is done. One that stays is on the page Grants and roles."
              : "Rename the role.",
          link: GRANTS,
        }),
      ];
    });
  },
};

export const roleTraces: readonly Source[] = [roles, assignments];
