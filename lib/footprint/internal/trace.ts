import "server-only";
import type { UserContext } from "@/lib/context";
import { type Trace, type TraceKind, tellingWords } from "../footprint.pure";

/** One place to look at. `note` tells how far the look went. */
export interface Source {
  what: string;
  read(ctx: UserContext, note: (text: string) => void): Promise<Trace[]>;
}

interface Seen {
  kind: TraceKind;
  name: string;
  where: string;
  readers: string;
  /** Further texts that the same readers see, such as titles and descriptions. */
  texts?: readonly (string | undefined)[];
  /** What tells of it beside any word. */
  content?: string;
  instead: string;
  link?: Trace["link"];
}

/** A trace with its judgement: by its words, and by what it is. */
export function traceOf({ texts = [], content, instead, link, ...seen }: Seen): Trace {
  const { telling, words } = tellingWords([seen.name, ...texts].join(" \n "));
  const because = [...words, ...(content === undefined ? [] : [content])];
  const least = telling === "nothing" && content !== undefined ? "hint" : telling;
  return {
    ...seen,
    telling: least,
    because,
    instead: least === "nothing" ? "" : instead,
    ...(least !== "nothing" && link && { link }),
  };
}

/** The name of a resource, a scope and the like: what stands last in its id. */
export function lastOf(id: string): string {
  return id.split("/").at(-1) ?? id;
}
