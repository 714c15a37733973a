import type { SyntaxNode } from "../parser/syntax";
import type { Value } from "../types";
import type { Expression, Pipeline, Plan } from "./plan";

/** What a name introduced by `let` or by a parameter stands for. */
export type Binding =
  | { kind: "scalar"; value: Expression }
  | { kind: "table"; table: number }
  | { kind: "function"; declaration: SyntaxNode; scope: Scope };

/** Names in force at one place of the query. A name that is declared again refers to its previous self on the right. */
export class Scope {
  private readonly bindings = new Map<string, Binding>();

  constructor(private readonly outer?: Scope) {}

  find(name: string): Binding | undefined {
    return this.bindings.get(name) ?? this.outer?.find(name);
  }

  /** A scope in which `name` is bound; this one stays as it is. */
  with(name: string, binding: Binding): Scope {
    const inner = new Scope(this);
    inner.bindings.set(name, binding);
    return inner;
  }
}

/** The parts of the plan that grow while the query is lowered. */
export interface Draft {
  tables: Pipeline[];
  calls: Plan["calls"];
  usesIngestionTime: boolean;
  /** Names given within a pipe by `as`, and the numbered pipeline that each stands for. */
  aliases: Map<string, number>;
  /** All tables of the database, for names with `*`. */
  tableNames: readonly string[];
  /** Values stated at the head of the query, by name. */
  parameters: ReadonlyMap<string, Value>;
  /** Those of them that had to be looked at. */
  pinned: Set<string>;
  /** Expressions made so far: nested functions could otherwise multiply without end. */
  size: number;
}

/** What the parts of lowering need of each other; it keeps them from importing one another in a circle. */
export interface Lowering {
  draft: Draft;
  expression(node: SyntaxNode, scope: Scope): Expression;
  tabular(node: SyntaxNode, scope: Scope): Pipeline;
  /** Gives a pipeline a number, under which it is evaluated once. */
  share(pipeline: Pipeline): number;
}
