import { GRAPH_TABLES } from "./rows";

/** Why Resource Graph would refuse a query that KQL allows. */
export interface LanguageFault {
  code: "DisallowedLogicalTableName" | "DisallowedOperator" | "DisallowedMaxNumberOfOperators" | "ParserFailure";
  message: string;
}

/** Tabular operators that Resource Graph has. Source: "Understand the query language", Microsoft Learn. */
const OPERATORS = new Set([
  ...["count", "distinct", "extend", "join", "limit", "mvexpand", "mv-expand", "order", "parse", "project"],
  ...["project-away", "sort", "summarize", "take", "top", "union", "where"],
]);

/** The same source: so many of each in one query. */
const COUNTED: Readonly<Record<string, number>> = { join: 3, union: 3, "mv-expand": 3, mvexpand: 3 };

const JOIN_KINDS = new Set(["innerunique", "inner", "leftouter", "fullouter"]);

/**
 * Prepares a query for the engine: Resource Graph lets the table name away for `resources`.
 * The fault says what the service would refuse: `let`, an operator or join flavour it lacks, too many joins.
 */
export function prepareQuery(text: string): { query: string } | { fault: LanguageFault } {
  const code = blankOut(text);
  if (code.includes(";")) {
    return { fault: { code: "ParserFailure", message: "Statements such as let are not supported." } };
  }
  const first = /^\s*([\w-]+)/.exec(code)?.[1] ?? "";
  const implicit = OPERATORS.has(first.toLowerCase());
  if (!implicit && !GRAPH_TABLES.some((table) => table === first.toLowerCase())) {
    return {
      fault: {
        code: "DisallowedLogicalTableName",
        message: `Table ${first} is invalid, unsupported or disallowed.`,
      },
    };
  }
  const used = [...code.matchAll(/\|\s*([a-z][a-z-]*)/gi)].map((match) => (match[1] ?? "").toLowerCase());
  if (implicit) used.unshift(first.toLowerCase());
  const fault = operatorFault(used) ?? joinFault(code);
  if (fault) return { fault };
  return { query: implicit ? `resources | ${text}` : text };
}

function operatorFault(used: readonly string[]): LanguageFault | undefined {
  const unknown = used.find((operator) => !OPERATORS.has(operator));
  if (unknown !== undefined) {
    return { code: "DisallowedOperator", message: `The operator '${unknown}' is not supported by Resource Graph.` };
  }
  for (const [operator, max] of Object.entries(COUNTED)) {
    const count = used.filter((name) => name === operator).length;
    if (count > max) {
      return {
        code: "DisallowedMaxNumberOfOperators",
        message: `${operator} is used ${count} times; the limit is ${max}.`,
      };
    }
  }
  return undefined;
}

function joinFault(code: string): LanguageFault | undefined {
  for (const match of code.matchAll(/\bjoin\s+kind\s*=\s*(\w+)/gi)) {
    const kind = (match[1] ?? "").toLowerCase();
    if (!JOIN_KINDS.has(kind)) {
      return { code: "DisallowedOperator", message: `The join kind '${kind}' is not supported by Resource Graph.` };
    }
  }
  return undefined;
}

/** The text with what stands in quotes and comments replaced by blanks of the same length. */
function blankOut(text: string): string {
  const quotedOrComment = /\/\/[^\n]*|@"(?:[^"]|"")*"|@'(?:[^']|'')*'|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/g;
  return text.replace(quotedOrComment, (found) => " ".repeat(found.length));
}
