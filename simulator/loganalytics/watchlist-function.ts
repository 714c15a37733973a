import type { Context } from "../context";
import { watchlistRows } from "../sentinel/watchlist-rows";
import type { Column, Row, TabularFunction, Value } from "./kql/types";
import { fromMilliseconds } from "./kql/values/time";

/** Columns that every watchlist has in `_GetWatchlist`, in front of those of its own. */
const COMMON: readonly Column[] = [
  { name: "_DTItemId", type: "string" },
  { name: "LastUpdatedTimeUTC", type: "datetime" },
  { name: "SearchKey", type: "string" },
  { name: "WatchlistItem", type: "dynamic" },
];

/**
 * `_GetWatchlist('alias')` of one workspace. Its own columns are those that any of its rows has, all text. An unknown
 * alias gives no rows. The second argument, a list of search keys, keeps the rows with one of them; an empty one keeps all.
 */
export function watchlistFunction(context: Context, workspaceId: string): TabularFunction {
  const rowsOf = (args: readonly Value[]) => {
    const [alias, keys = []] = args;
    const rows = watchlistRows(context, workspaceId, typeof alias === "string" ? alias : "");
    const wanted = new Set(Array.isArray(keys) ? keys.map(String) : [String(keys)]);
    return wanted.size === 0 ? rows : rows.filter((row) => wanted.has(row.searchKey));
  };
  const columnsOf = (args: readonly Value[]): readonly Column[] => {
    const own = new Set(rowsOf(args.slice(0, 1)).flatMap((row) => Object.keys(row.fields)));
    for (const { name } of COMMON) own.delete(name);
    return [...COMMON, ...[...own].map((name): Column => ({ name, type: "string" }))];
  };
  return {
    parameters: [
      { name: "watchlistAlias", type: "string" },
      { name: "keys", type: "dynamic", optional: true },
    ],
    schemaOf: columnsOf,
    call: (args) => {
      const columns = columnsOf(args);
      const rows = rowsOf(args).map(
        ({ itemId, updatedAt, searchKey, fields }): Row => [
          itemId,
          fromMilliseconds(updatedAt),
          searchKey,
          { ...fields },
          ...columns.slice(COMMON.length).map((column) => fields[column.name] ?? ""),
        ],
      );
      return { name: "_GetWatchlist", columns, rows };
    },
  };
}
