import { z } from "zod";

const Kind = z.enum(["secret", "key", "certificate"]);
export type CoveredKind = z.infer<typeof Kind>;

const Guid = z.guid();
const list = z.string().transform((text) => text.split(",").map((part) => part.trim()));
const duration = z.string().regex(/^P(T\d+[MH]|\d+D)$/);

const Entity = z.string().transform((text, context) => {
  const [type = "", ...fields] = text.split(" ");
  const mapped = fields.map((field) => field.split("="));
  if (mapped.length === 0 || mapped.some((pair) => pair.length !== 2)) {
    context.addIssue({ code: "custom", message: `not an entity: ${text}` });
    return z.NEVER;
  }
  return { type, fields: mapped.map(([identifier = "", column = ""]) => ({ identifier, column })) };
});

const Body = z.string().transform((text, context) => {
  const [id, state, ...options] = text.split(" ");
  if (!Guid.safeParse(id).success || (state !== "on" && state !== "off")) {
    context.addIssue({ code: "custom", message: `not an id and on or off: ${text}` });
    return z.NEVER;
  }
  const settings = new Map(options.map((option) => [option.split("=")[0] ?? "", option.split("=")[1] ?? ""]));
  return { id: id ?? "", enabled: state === "on", settings };
});

/** Sentinel's own default. */
const GROUP_FOR = "PT5H";

const Header = z.strictObject({
  title: z.tuple([z.string()]),
  description: z.tuple([z.string()]),
  severity: z.tuple([z.enum(["High", "Medium", "Low", "Informational"])]),
  tactics: z.tuple([list]),
  techniques: z.tuple([list]),
  covers: z.tuple([list.pipe(z.array(Kind))]).optional(),
  tables: z.tuple([list]),
  entity: z.array(Entity).min(1).max(10),
  details: z.tuple([list.pipe(z.array(z.string()).max(20))]),
  group: z.tuple([list]),
  lookback: z.tuple([duration]).optional(),
  name: z.tuple([z.string().max(256)]),
  text: z.tuple([z.string().max(5000)]),
  NRT: z.tuple([Body]).optional(),
  Scheduled: z.tuple([Body]),
});

/** What the head of a rule file says about it. */
export interface RuleHeader {
  title: string;
  description: string;
  severity: "High" | "Medium" | "Low" | "Informational";
  tactics: string[];
  techniques: string[];
  /** Kinds of decoys on which a touch raises this rule; none for rules about something else. */
  covers: CoveredKind[];
  /** Tables that the rule reads; each must be on the Analytics plan. */
  tables: string[];
  entities: { type: string; fields: { identifier: string; column: string }[] }[];
  /** Columns that every alert carries. */
  details: string[];
  /** Details that group alerts into one incident. */
  groupBy: string[];
  /** ISO 8601: how long a new alert joins an incident that is still open. */
  groupFor: string;
  /** Title and text of the alert, with `{{Column}}`. */
  alertName: string;
  alertText: string;
  bodies: {
    /** Absent where a rule has to look back further than a minute. */
    NRT?: { id: string; enabled: boolean };
    Scheduled: { id: string; enabled: boolean; frequency: string; period: string };
  };
}

/** Parses the `// key: value` lines at the head of a rule file. Throws on a key that is missing, unknown or malformed; `covers`, `lookback` and `NRT` may be absent. */
export function parseHeader(source: string): RuleHeader {
  const lines: Record<string, string[]> = {};
  for (const line of source.split("\n")) {
    const match = /^\/\/ ([A-Za-z]+): (.+)$/.exec(line);
    if (!match) break;
    const [, key = "", value = ""] = match;
    lines[key] = [...(lines[key] ?? []), value];
  }
  const header = Header.parse(lines);
  const scheduled = header.Scheduled[0];
  return {
    title: header.title[0],
    description: header.description[0],
    severity: header.severity[0],
    tactics: header.tactics[0],
    techniques: header.techniques[0],
    covers: header.covers?.[0] ?? [],
    tables: header.tables[0],
    entities: header.entity,
    details: header.details[0],
    groupBy: header.group[0],
    groupFor: header.lookback?.[0] ?? GROUP_FOR,
    alertName: header.name[0],
    alertText: header.text[0],
    bodies: {
      ...(header.NRT && { NRT: { id: header.NRT[0].id, enabled: header.NRT[0].enabled } }),
      Scheduled: {
        id: scheduled.id,
        enabled: scheduled.enabled,
        frequency: duration.parse(scheduled.settings.get("frequency")),
        period: duration.parse(scheduled.settings.get("period")),
      },
    },
  };
}
