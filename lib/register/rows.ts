import "server-only";
import { z } from "zod";
import { normaliseId, parseVaultId, type VaultId } from "@/lib/azure/resource-id.pure";
import type { RowProblem } from "./views.pure";

/** One usable row of the published register. */
export interface RegisterRow {
  itemId: string;
  vaultId: VaultId;
  kind: "secret" | "key";
  name: string;
  tokenKey: string;
  /** Rows of the older four-column form have no state and count as live. */
  state: "planting" | "live" | "retiring";
  planterOid: string | undefined;
  windowStart: Date | undefined;
  windowEnd: Date | undefined;
}

/**
 * A row that says of a caller that some touches are expected. It is kept as it stands, even where it makes no sense: a
 * row that lowers alerts and that we did not publish must be seen.
 */
export interface ExceptionRow {
  itemId: string;
  /** Token key, vault id or `*`, normalised. */
  scope: string;
  columns: RegisterColumns;
}

const text = z.string().default("");

/** The columns of the register, all text, as the query and the listing of items give them. */
export const RegisterColumns = z.object({
  ItemId: text,
  ResourceId: text,
  ResourceProvider: text,
  HoneyToken: text,
  Properties: text,
  TokenKey: text,
  State: text,
  PlanterOid: text,
  WindowStart: text,
  WindowEnd: text,
});
export type RegisterColumns = z.infer<typeof RegisterColumns>;

const Properties = z.object({ Type: z.string() });
/** State of a row that is no decoy but an exception. */
export const EXCEPTION_STATE = "exception";
const STATES = { "": "live", live: "live", planting: "planting", retiring: "retiring" } as const;
const NAME = /^[0-9a-zA-Z-]{1,127}$/;
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Reads one row of the register, which people also edit by hand: casing, blanks and slashes do not matter, times that
 * cannot be read count as absent, and anything that leaves in doubt which object is meant is a problem, not a guess.
 */
export function parseRegisterRow(columns: RegisterColumns): RegisterRow | { problem: RowProblem } {
  const tokenKey = normaliseId(columns.TokenKey);
  const [, keyVault = "", place = "", keyName = ""] = /^(.*)\/(secrets|keys)\/([0-9a-z-]{1,127})$/.exec(tokenKey) ?? [];
  const vaultId = parseVaultId(columns.ResourceId) ?? parseVaultId(keyVault);
  if (!vaultId) return { problem: isPlaceholder(columns) ? "placeholder" : "not a vault" };
  const kind = kindOf(columns.Properties, place);
  if (!kind) return { problem: "not a key or secret" };
  const name = columns.HoneyToken.trim() || keyName;
  if (!NAME.test(name)) return { problem: "not a name" };
  const built = `${vaultId}/${kind}s/${name.toLowerCase()}`;
  if (tokenKey !== "" && tokenKey !== built) return { problem: "key does not match" };
  const state = columns.State.trim().toLowerCase();
  if (!isState(state)) return { problem: "unknown state" };
  const planterOid = columns.PlanterOid.trim().toLowerCase();
  return {
    itemId: columns.ItemId,
    vaultId,
    kind,
    name,
    tokenKey: built,
    state: STATES[state],
    planterOid: GUID.test(planterOid) ? planterOid : undefined,
    windowStart: timeOf(columns.WindowStart),
    windowEnd: timeOf(columns.WindowEnd),
  };
}

/** The row that Microsoft's own solution puts into a new list, so that the list has columns. */
function isPlaceholder({ ResourceId, HoneyToken }: RegisterColumns): boolean {
  return [ResourceId, HoneyToken].every((text) => text.trim().toLowerCase() === "dummy");
}

function isState(state: string): state is keyof typeof STATES {
  return Object.hasOwn(STATES, state);
}

function kindOf(properties: string, place: string): RegisterRow["kind"] | undefined {
  if (place === "secrets") return "secret";
  if (place === "keys") return "key";
  let type: string | undefined;
  try {
    type = Properties.safeParse(JSON.parse(properties)).data?.Type.trim().toLowerCase();
  } catch {
    // Not JSON: then the row does not say what it is.
  }
  return type === "secret" || type === "key" ? type : undefined;
}

function timeOf(columns: string): Date | undefined {
  const time = new Date(columns.trim());
  return Number.isNaN(time.getTime()) ? undefined : time;
}

/**
 * The row as it counts at `now`: one whose planting window is over is live, since nothing is let pass for it any more;
 * large deployments leave their rows so.
 */
export function standing(row: RegisterRow, now: Date): RegisterRow {
  return row.state === "planting" && row.windowEnd !== undefined && row.windowEnd < now
    ? { ...row, state: "live" }
    : row;
}

/** Whether a row is an exception: as generously as rules may read it. */
export function isException({ State }: Readonly<Record<string, string>>): boolean {
  return (State ?? "").trim().toLowerCase() === EXCEPTION_STATE;
}

/** As a query turns what stands in JSON into text: a number or a list is text too. */
const anyText = z
  .unknown()
  .optional()
  .transform((value) => {
    if (value === undefined || value === null) return "";
    return typeof value === "string" ? value : JSON.stringify(value);
  });
const ExceptionProperties = z.object({ Operation: anyText, Id: anyText });

/** What a row of an exception says in its column of properties; empty where it cannot be read. */
export function exceptionOf({ Properties: properties }: RegisterColumns): { operation: string; id: string } {
  try {
    const { Operation, Id } = ExceptionProperties.parse(JSON.parse(properties));
    return { operation: Operation.trim(), id: Id.trim().toLowerCase() };
  } catch {
    return { operation: "", id: "" };
  }
}

/** Splits rows into decoys that can be used, exceptions, and a count per problem. */
export function parseRegister(rows: readonly RegisterColumns[]): {
  rows: RegisterRow[];
  exceptions: ExceptionRow[];
  problems: ReadonlyMap<RowProblem, number>;
} {
  const usable: RegisterRow[] = [];
  const exceptions: ExceptionRow[] = [];
  const problems = new Map<RowProblem, number>();
  for (const row of rows) {
    if (isException(row)) {
      exceptions.push({ itemId: row.ItemId, scope: normaliseId(row.TokenKey), columns: row });
      continue;
    }
    const parsed = parseRegisterRow(row);
    if ("problem" in parsed) problems.set(parsed.problem, (problems.get(parsed.problem) ?? 0) + 1);
    else usable.push(parsed);
  }
  return { rows: usable, exceptions, problems };
}
