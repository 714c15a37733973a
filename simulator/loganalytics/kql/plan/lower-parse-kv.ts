import type { SyntaxNode } from "../parser/syntax";
import { constantOf } from "./literals";
import type { Step } from "./plan";
import type { Lowering, Scope } from "./scope";
import { child, list, nameOf, refuse, typeNamed } from "./tree";

/** Lowers `parse-kv`; only with both delimiters given, since what counts as one otherwise is not told in full. */
export function lowerParseKv(node: SyntaxNode, scope: Scope, lowering: Lowering): Step {
  const options = new Map<string, unknown>();
  const clause = node.children.WithClause;
  for (const property of clause ? list(clause, "Properties") : []) {
    const value = constantOf(lowering.expression(child(property, "Expression"), scope), lowering.draft);
    options.set(nameOf(child(property, "Name")), value);
  }
  for (const name of options.keys()) {
    if (!["pair_delimiter", "kv_delimiter", "quote", "escape", "greedy"].includes(name)) {
      return refuse(`'${name}' in 'parse-kv'`, node);
    }
  }
  const pairs = options.get("pair_delimiter");
  const keys = options.get("kv_delimiter");
  if (typeof pairs !== "string" || typeof keys !== "string" || pairs === "" || keys === "") {
    return refuse("'parse-kv' without 'pair_delimiter' and 'kv_delimiter'", node);
  }
  return {
    op: "parse-kv",
    value: lowering.expression(child(node, "Expression"), scope),
    columns: list(child(node, "Keys"), "Columns").map((column) => ({
      name: nameOf(child(column, "Name")),
      type: typeNamed(child(column, "Type")),
    })),
    pairs,
    keys,
    quotes: String(options.get("quote") ?? ""),
    escape: String(options.get("escape") ?? ""),
    greedy: options.get("greedy") === true,
  };
}
