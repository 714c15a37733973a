import type { Context } from "../context";
import type { Model } from "../model";
import { steadyUntil, watchlistRows } from "../sentinel/watchlist-rows";
import type { Column, Row, TabularFunction, Value } from "./kql/types";
import { fromMilliseconds } from "./kql/values/time";

/** Columns that every watchlist has in `_GetWatchlist`, in front of those of its own. */
const COMMON: readonly Column[] = [
  { name: "_DTItemId", type: "string" },
  { name: "LastUpdatedTimeUTC", type: "datetime" },
  { name: "SearchKey", type: "string" },
  { name: "WatchlistItem", type: "dynamic" },
];
const SEARCH_KEY = COMMON.findIndex(({ name }) => name === "SearchKey");

/** A whole list, and how long it stays as it is. */
interface Shown {
  columns: readonly Column[];
  rows: readonly Row[];
  /** Of the collections that it comes from. */
  versions: string;
  /** Milliseconds since 1970; the end not included. */
  from: number;
  to: number;
}

/** By workspace and alias. */
const kept = new WeakMap<Model, Map<string, Shown>>();

/**
 * `_GetWatchlist('alias')` of one workspace. Its own columns are those that any of its rows has, all text. An unknown
 * alias gives no rows. The second argument, a list of search keys, keeps the rows with one of them; an empty one keeps
 * all. As long as nothing changes, all rows are the same array.
 */
export function watchlistFunction(context: Context, workspaceId: string): TabularFunction {
  const shownOf = ([alias]: readonly Value[]) => shown(context, workspaceId, typeof alias === "string" ? alias : "");
  return {
    parameters: [
      { name: "watchlistAlias", type: "string" },
      { name: "keys", type: "dynamic", optional: true },
    ],
    schemaOf: (args) => shownOf(args).columns,
    call: (args) => {
      const { columns, rows } = shownOf(args);
      const [, keys = []] = args;
      const wanted = new Set(Array.isArray(keys) ? keys.map(String) : [String(keys)]);
      const chosen = wanted.size === 0 ? rows : rows.filter((row) => wanted.has(String(row[SEARCH_KEY])));
      return { name: "_GetWatchlist", columns, rows: chosen };
    },
  };
}

function shown(context: Context, workspaceId: string, alias: string): Shown {
  const { watchlists, watchlistItems } = context.model;
  const versions = `${watchlists.version}/${watchlistItems.version}`;
  const now = context.now();
  const lists = kept.get(context.model) ?? new Map<string, Shown>();
  kept.set(context.model, lists);
  const key = `${workspaceId}/${alias}`.toLowerCase();
  const known = lists.get(key);
  if (known?.versions === versions && known.from <= now && now < known.to) return known;
  const made = { ...contentsOf(context, workspaceId, alias), versions, ...steadyUntil(context, workspaceId, alias) };
  // A list that is not there is not kept: any name may be asked for.
  if (made.rows.length > 0) lists.set(key, made);
  return made;
}

function contentsOf(context: Context, workspaceId: string, alias: string): Pick<Shown, "columns" | "rows"> {
  const found = watchlistRows(context, workspaceId, alias);
  const own = new Set<string>();
  for (const { fields } of found) for (const name in fields) own.add(name);
  for (const { name } of COMMON) own.delete(name);
  const names = [...own];
  const columns = [...COMMON, ...names.map((name): Column => ({ name, type: "string" }))];
  const rows = found.map(
    ({ itemId, updatedAt, searchKey, fields }): Row => [
      itemId,
      fromMilliseconds(updatedAt),
      searchKey,
      fields,
      ...names.map((name) => fields[name] ?? ""),
    ],
  );
  return { columns, rows };
}
