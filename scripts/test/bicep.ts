import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { Language, type Node, Parser } from "web-tree-sitter";

/** What a Bicep file declares and uses, as far as its grammar tells. */
export interface BicepFile {
  file: string;
  text: string;
  /** Where the grammar does not fit, as `line: text`. */
  faults: string[];
  /** Parameters, by whether they have a default. */
  params: Map<string, boolean>;
  modules: { path: string; given: string[] }[];
  outputs: string[];
  /** Names that are used and declared nowhere in the file. */
  undeclared: string[];
}

/** Namespaces and functions of Bicep that are used here. A new one is added when it has been looked up. */
const BUILT_IN = new Set(
  `concat empty environment guid json loadJsonContent managementGroup map replace resourceGroup split string subscription
   subscriptionResourceId take tenant tenantResourceId toLower trim union uniqueString minLength maxLength description
   secure`.split(/\s+/),
);

/** Every Bicep file below a folder, parsed with the grammar of tree-sitter-bicep. */
export async function readBicep(folder: string): Promise<BicepFile[]> {
  await Parser.init();
  const grammar = createRequire(import.meta.url).resolve("tree-sitter-bicep/package.json");
  const parser = new Parser();
  parser.setLanguage(await Language.load(path.join(path.dirname(grammar), "tree-sitter-bicep.wasm")));
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".bicep"))
    .map((name) => {
      const file = path.join(folder, name);
      const text = readFileSync(file, "utf8");
      const tree = parser.parse(text);
      if (!tree) throw new Error(`${file} could not be parsed.`);
      return describe(file, text, tree.rootNode);
    });
}

function describe(file: string, text: string, root: Node): BicepFile {
  const of = (type: string) => root.descendantsOfType(type).flatMap((node) => (node ? [node] : []));
  const wrong = [root, ...of("ERROR")].filter((node) => node.isError);
  const declared = new Set(
    [
      ...["parameter_declaration", "variable_declaration", "resource_declaration", "module_declaration"],
      ...["for_statement", "lambda_expression", "user_defined_function", "parameter", "output_declaration"],
    ].flatMap((type) => of(type).flatMap((node) => node.descendantsOfType("identifier")[0]?.text ?? [])),
  );
  return {
    file,
    text,
    faults: [
      ...wrong.map((node) => `${node.startPosition.row + 1}: ${node.text.slice(0, 60)}`),
      ...(root.hasError && wrong.length === 0 ? ["something is missing"] : []),
    ],
    params: new Map(
      of("parameter_declaration").map((node) => [
        node.descendantsOfType("identifier")[0]?.text ?? "",
        node.children.some((child) => child?.text === "="),
      ]),
    ),
    modules: of("module_declaration").map((node) => ({
      path: path.join(path.dirname(file), node.descendantsOfType("string_content")[0]?.text ?? ""),
      given: keysOf(propertyOf(node, "params")),
    })),
    outputs: of("output_declaration").flatMap((node) => node.descendantsOfType("identifier")[0]?.text ?? []),
    undeclared: [
      ...new Set(
        of("identifier")
          .filter(isUse)
          .map(({ text: name }) => name),
      ),
    ].filter((name) => !declared.has(name) && !BUILT_IN.has(name)),
  };
}

/** The value of the first property of that name within a node. */
function propertyOf(node: Node, name: string): Node | undefined {
  const found = node.descendantsOfType("object_property").find((one) => one?.namedChild(0)?.text === name);
  return found?.namedChild(1) ?? undefined;
}

function keysOf(object: Node | undefined): string[] {
  return (object?.namedChildren ?? []).flatMap((one) =>
    one?.type === "object_property" ? (one.namedChild(0)?.text ?? []) : [],
  );
}

/** Not the key of a property nor a type: an identifier that has to mean something. */
function isUse(node: Node | null): node is Node {
  const parent = node?.parent;
  if (!node || !parent || parent.type === "type") return false;
  return !(parent.type === "object_property" && parent.namedChild(0)?.id === node.id);
}
