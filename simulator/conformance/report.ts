import type { Area, Outcome } from "./conformance";
import type { Finding } from "./finding";
import { EXCLUDED } from "./routes";

const COLUMNS = ["operations", "validated", "errors", "allowed", "skipped", "lists", "mutations", "caught"] as const;

/** The outcome as a person reads it. */
export function reportText(outcome: Outcome): string {
  const { areas, open, unused } = outcome;
  return [
    ...table(areas),
    "",
    `${outcome.routes} routes. ${outcome.compared} answers compared with those at the versions that clients send.`,
    `${outcome.allowed} findings and ${outcome.differences} differences are allowed, each with a reason.`,
    `Mutations: ${Object.entries(outcome.mutations)
      .map(([kind, count]) => `${kind} ${count}`)
      .join(", ")}.`,
    ...Object.entries(EXCLUDED).map(([service, reason]) => `Not part of this: ${service}. ${reason}`),
    ...grouped(open),
    ...unused.map(
      ({ code, operation, path }) =>
        `FAILED the entry "${code} ${operation} ${path}" matches nothing any more: remove it.`,
    ),
    `${passed(outcome) ? "Conforms" : "Does NOT conform"} (${outcome.seconds} s).`,
  ].join("\n");
}

/** Findings of one kind at one place are one line, with the first message in full. */
function grouped(findings: readonly Finding[]): string[] {
  const groups = new Map<string, Finding[]>();
  for (const finding of findings) {
    const key = `${finding.code} ${finding.operation} ${finding.path}`;
    groups.set(key, [...(groups.get(key) ?? []), finding]);
  }
  return [...groups].map(([key, [first, ...others]]) => {
    const more = others.length > 0 ? `, and ${others.length} times more` : "";
    return `FAILED ${key}\n       ${first?.message} [${first?.where}${more}]`;
  });
}

/** Nothing is wrong, and no entry of the data files is superfluous. */
export function passed({ open, unused }: Outcome): boolean {
  return open.length === 0 && unused.length === 0;
}

function table(areas: readonly Area[]): string[] {
  const total = areas.reduce((sum, area) => {
    for (const column of COLUMNS) sum[column] += area[column];
    return sum;
  }, emptyArea());
  const lines = [...areas, total].map((area) => [area.area, ...COLUMNS.map((column) => String(area[column]))]);
  return [["service", ...COLUMNS], ...lines].map(([name = "", ...cells]) =>
    [name.padEnd(30), ...cells.map((cell) => cell.padStart(10))].join(" "),
  );
}

function emptyArea(): Area {
  return {
    area: "total",
    operations: 0,
    validated: 0,
    errors: 0,
    allowed: 0,
    skipped: 0,
    lists: 0,
    mutations: 0,
    caught: 0,
  };
}
