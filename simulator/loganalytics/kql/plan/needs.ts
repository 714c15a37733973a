import type { Pipeline, Step } from "./plan";
import { collectReferences, type References, referencesOf } from "./references";
import { expressionsOf, innerPipelines } from "./step-expressions";

/** Names of columns that are needed; undefined when any may be. */
export type Needs = ReadonlySet<string> | undefined;

/** Steps that hand on no column but those that they make or name. */
function cutsOff(step: Step): boolean {
  switch (step.op) {
    case "project":
    case "count":
    case "make-series":
    case "top-nested":
      return true;
    case "distinct":
      return step.items !== "*";
    case "summarize":
      return !step.aggregates.some((aggregate) => aggregate.star);
    case "project-keep":
      return !step.patterns.some((pattern) => pattern.includes("*"));
    case "join":
      return step.kind === "rightsemi" || step.kind === "rightanti";
    default:
      return false;
  }
}

/** Steps whose outcome depends on which columns there are. */
function looksAtAll(step: Step): boolean {
  if (step.op === "distinct") return step.items === "*";
  return ["getschema", "bag-unpack", "narrow", "pivot"].includes(step.op);
}

function namedBy(step: Step): string[] {
  switch (step.op) {
    case "project-keep":
      return step.patterns;
    case "project-rename":
      return step.renames.map((rename) => rename.from);
    case "project-reorder":
      return step.patterns.map(({ pattern }) => pattern);
    default:
      return [];
  }
}

/** All that the steps of an inner pipeline may read of the rows handed in. */
function collectInner({ steps }: Pipeline, found: References): void {
  for (const step of steps) {
    if (looksAtAll(step)) found.all = true;
    for (const expression of expressionsOf(step)) collectReferences(expression, found);
    for (const name of namedBy(step)) found.names.add(name);
    for (const inner of innerPipelines(step)) collectInner(inner, found);
  }
}

/** What `steps` need of the rows that flow into them, when `outer` is needed of what they give. */
export function needsOf(steps: readonly Step[], outer: Needs): Needs {
  const names = new Set<string>();
  for (const step of steps) {
    if (looksAtAll(step)) return undefined;
    const found = referencesOf(expressionsOf(step));
    if ("body" in step) collectInner(step.body, found);
    if (found.all) return undefined;
    for (const name of [...found.names, ...namedBy(step)]) names.add(name);
    if (cutsOff(step)) return names;
  }
  return outer && new Set([...names, ...outer]);
}

/**
 * What a name has in common with those that joins and unions make of it: `X`, `X1`, `X_string`. Whether the right side's
 * column becomes `X1` depends on an `X` on the left, so all of a family are kept when one is needed.
 */
function familyOf(name: string): string {
  return name
    .replace(/\d+$/, "")
    .replace(/_(?:string|long|int|real|decimal|bool|datetime|timespan|guid|dynamic)$/, "")
    .replace(/\d+$/, "");
}

/** Whether a column is to be read. */
export function neededTest(needs: Needs): ((name: string) => boolean) | undefined {
  if (!needs) return undefined;
  const families = new Set([...needs].map(familyOf));
  return (name) => families.has(familyOf(name));
}
