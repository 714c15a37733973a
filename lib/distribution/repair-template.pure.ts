import { z } from "zod";

/*
 * Policies that ask for a review by a tag are often copied from an article whose condition cannot work. Two faults sit in
 * one leaf: `value` compares a text where `field` would compare the tag, and the comparison is the wrong way round.
 */

export type TemplateFault = "literal" | "inverted";

export interface TemplateFinding {
  fault: TemplateFault;
  /** Where it stands, as `resources[1].properties.policyRule.if.allOf[2]`. */
  path: string;
  before: string;
  after: string;
}

/** What a template does that works but is not wise; left as it is. */
export type TemplateRemark = "tags_without_asking" | "overwrites" | "more_rights_than_needed";

export interface RepairedTemplate {
  findings: TemplateFinding[];
  remarks: TemplateRemark[];
  /** The template with its findings repaired and nothing else changed. */
  repaired: unknown;
}

export const FAULT_SENTENCES: Record<TemplateFault, string> = {
  literal:
    "“value” compares the text itself, which is never equal to a tag's value, so every vault that has the tag is flagged for ever. “field” compares the tag.",
  inverted:
    "The comparison is the wrong way round: it flags the vaults that were reviewed and passes those that wait for a review.",
};

export const REMARK_SENTENCES: Record<TemplateRemark, string> = {
  tags_without_asking:
    "The tag policy does not ask whether the tag is missing, so every vault counts as not compliant for ever.",
  overwrites: "The tag policy writes over a tag that is there, and so undoes a review.",
  more_rights_than_needed: "The tag policy asks for the role Contributor; Tag Contributor is enough.",
};

/** A template of that size is none of a policy. Characters. */
export const TEMPLATE_LENGTH_MAX = 1_000_000;
/** Deeper than any policy is; what is deeper would exhaust the stack. */
const DEPTH_MAX = 100;

const CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c";
const Leaf = z.looseObject({ value: z.string().regex(/^\s*tags\s*[[.]/i) });
const Comparison = z.looseObject({ field: z.string().regex(/^\s*tags\s*[[.]/i), notEquals: z.string() });
const Operation = z.looseObject({ operation: z.string(), field: z.string().regex(/^\s*tags/i) });

/**
 * Looks a template, or a policy definition alone, through for the faults and repairs them.
 *
 * @param needsReview the tag's value that means that a review is due
 * @throws SyntaxError when `text` is no JSON; RangeError when it is too long or too deep
 */
export function repairTemplate(text: string, needsReview: string): RepairedTemplate {
  if (text.length > TEMPLATE_LENGTH_MAX) throw new RangeError("The template is too long.");
  const findings: TemplateFinding[] = [];
  const repaired = walk(JSON.parse(text), "", 0, (leaf, path) => repairLeaf(leaf, path, needsReview, findings));
  return { findings, remarks: remarksOn(text, repaired), repaired };
}

type Visit = (object: Record<string, unknown>, path: string) => Record<string, unknown>;

function walk(value: unknown, path: string, depth: number, visit: Visit): unknown {
  if (depth > DEPTH_MAX) throw new RangeError("The template is nested too deep.");
  if (Array.isArray(value)) return value.map((inner, index) => walk(inner, `${path}[${index}]`, depth + 1, visit));
  if (typeof value !== "object" || value === null) return value;
  const walked = Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      walk(inner, path === "" ? key : `${path}.${key}`, depth + 1, visit),
    ]),
  );
  return visit(walked, path);
}

function repairLeaf(
  leaf: Record<string, unknown>,
  path: string,
  needsReview: string,
  findings: TemplateFinding[],
): Record<string, unknown> {
  let now = leaf;
  const change = (fault: TemplateFault, after: Record<string, unknown>) => {
    findings.push({ fault, path, before: JSON.stringify(now), after: JSON.stringify(after) });
    now = after;
  };
  const literal = Leaf.safeParse(now);
  if (literal.success && ["equals", "notEquals", "in", "notIn", "exists"].some((key) => key in now)) {
    const { value, ...comparison } = literal.data;
    change("literal", { field: value, ...comparison });
  }
  const compared = Comparison.safeParse(now);
  if (compared.success && compared.data.notEquals.toLowerCase() === needsReview.toLowerCase()) {
    const { notEquals, ...rest } = compared.data;
    change("inverted", { ...rest, equals: notEquals });
  }
  return now;
}

function remarksOn(text: string, template: unknown): TemplateRemark[] {
  const operations: string[] = [];
  walk(template, "", 0, (object) => {
    const operation = Operation.safeParse(object);
    if (operation.success) operations.push(operation.data.operation.toLowerCase());
    return object;
  });
  if (operations.length === 0) return [];
  return [
    ...(/"exists"\s*:\s*"?false"?/i.test(text) ? [] : ["tags_without_asking" as const]),
    ...(operations.includes("addorreplace") ? ["overwrites" as const] : []),
    ...(text.toLowerCase().includes(CONTRIBUTOR) ? ["more_rights_than_needed" as const] : []),
  ];
}
