import { badRequest } from "../arm/errors";

/** Bytes of one row at most. Source: Sentinel service limits. */
export const ROW_MAX = 10 * 1024;

/** Throws 400 for a row without a value for the search key, without a usable column name, or above 10 KB. */
export function checkRow(fields: Record<string, string>, searchKey: string): void {
  if ((fields[searchKey] ?? "") === "") throw badRequest(`A row has no value for the search key '${searchKey}'.`);
  if (Object.keys(fields).some((name) => name.trim() === "")) throw badRequest("A column of a row has no name.");
  if (Buffer.byteLength(JSON.stringify(fields)) > ROW_MAX) throw badRequest("A row is larger than 10 KB.");
}
