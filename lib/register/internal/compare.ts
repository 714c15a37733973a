import "server-only";
import type { Decoy } from "@/lib/store/decoys";
import type { BrokenBy } from "@/lib/store/schema";
import type { RegisterRow } from "../rows";
import type { DriftKind } from "../views.pure";

/** A decoy that expires so soon is told. */
const EXPIRES_SOON_MS = 30 * 24 * 60 * 60_000;
/** The database keeps microseconds, rows a thousandth of a second. */
const SAME_TIME_MS = 1_000;

type ComparedDecoy = Pick<
  Decoy,
  | "id"
  | "vault_id"
  | "kind"
  | "name"
  | "token_key"
  | "state"
  | "watchlist_item_id"
  | "published"
  | "publishing_at"
  | "expires_at"
  | "broken"
  | "updated_at"
>;

export interface Compared {
  /** Every decoy of ours, retired and failed ones too. */
  decoys: readonly ComparedDecoy[];
  rows: readonly RegisterRow[];
  /** Ids, lower case, of rows that are exceptions: a decoy's row that was made one is a changed one. */
  exceptionItems: ReadonlySet<string>;
  /** By token key, with a sentence. */
  broken: ReadonlyMap<string, { by: BrokenBy; evidence: string }>;
  now: Date;
  /** Whether a change made at that time may not show in `rows` yet. */
  tooYoung(at: Date): boolean;
}

export interface Difference {
  kind: DriftKind;
  /** What it is about: the decoy's id, or the row's where it is about a row. */
  subject: string;
  decoyId: string | null;
  /** Where it is about an exception of ours. */
  exceptionId?: string | null;
  rowId: string | null;
  vaultId: string;
  /** Null where it is about the row of an exception. */
  objectKind: "secret" | "key" | null;
  name: string;
  detail: string;
}

/** Everything in which our register, the published one and the vaults differ. Data in, data out. */
export function differences(compared: Compared): Difference[] {
  const present = compared.decoys.filter(({ state }) => state !== "retired" && state !== "failed");
  const ours = new Map(present.map((decoy) => [decoy.token_key, decoy]));
  const byItem = new Map(present.map((decoy) => [decoy.watchlist_item_id, decoy]));
  // A row of ours that somebody made name another object is a changed one, and no stray.
  const turned = new Map<string, RegisterRow>();
  const byKey = new Map<string, RegisterRow[]>();
  for (const row of compared.rows) {
    const owner = byItem.get(row.itemId);
    if (owner && owner.token_key !== row.tokenKey) turned.set(owner.id, row);
    else byKey.set(row.tokenKey, [...(byKey.get(row.tokenKey) ?? []), row]);
  }
  return [
    ...present.flatMap((decoy) => {
      const row = turned.get(decoy.id);
      return ofDecoy(compared, decoy, row ? [row] : (byKey.get(decoy.token_key) ?? []));
    }),
    ...strays(compared, byKey, ours),
  ];
}

function ofDecoy(compared: Compared, decoy: ComparedDecoy, rows: readonly RegisterRow[]): Difference[] {
  // A planting under way is its deployment's.
  if (decoy.state !== "live" && decoy.state !== "retiring") return [];
  const about = (kind: DriftKind, detail: string): Difference => ({
    kind,
    subject: decoy.id,
    decoyId: decoy.id,
    rowId: decoy.watchlist_item_id,
    vaultId: decoy.vault_id,
    objectKind: decoy.kind,
    name: decoy.name,
    detail,
  });
  const found: Difference[] = [];
  const row = rowOf(decoy, rows);
  if (!compared.tooYoung(decoy.publishing_at ?? decoy.updated_at)) {
    const columns = row && changedColumns(decoy, row, compared.now);
    if (!row && compared.exceptionItems.has(decoy.watchlist_item_id.toLowerCase()))
      found.push(about("changed", "Its row was changed by somebody else: State."));
    else if (!row) found.push(about("missing", "The published register has no row for it, so no rule watches it."));
    else if (columns && columns.length > 0)
      found.push(about("changed", `Its row was changed by somebody else: ${columns.join(", ")}.`));
  }
  if (decoy.state !== "live") return found;
  const broken = compared.broken.get(decoy.token_key);
  const expires = decoy.expires_at?.getTime();
  if (broken) found.push(about(broken.by, broken.evidence));
  else if (expires !== undefined && expires - compared.now.getTime() <= EXPIRES_SOON_MS)
    found.push(about("expiring", `It expires on ${decoy.expires_at?.toISOString().slice(0, 10)}.`));
  return found;
}

/** The row under the decoy's own id before another one of the same object. */
function rowOf(decoy: ComparedDecoy, rows: readonly RegisterRow[]): RegisterRow | undefined {
  return rows.find(({ itemId }) => itemId === decoy.watchlist_item_id) ?? rows[0];
}

/** Columns that say other than what was last published. Of a row that we never wrote only its state is ours to say. */
function changedColumns(
  { published, state, kind, name, vault_id }: ComparedDecoy,
  row: RegisterRow,
  now: Date,
): string[] {
  const object = {
    ResourceId: row.vaultId !== vault_id,
    HoneyToken: row.name.toLowerCase() !== name.toLowerCase(),
    Properties: row.kind !== kind,
  };
  if (!published) return columnsOf({ ...object, State: row.state !== state });
  const time = (text: string | undefined): number => (text ? new Date(text).getTime() : 0);
  return columnsOf({
    ...object,
    // A planting whose window is over counts as live, and is given so.
    State: row.state !== published.State && !(row.state === "live" && isOver(published, now)),
    PlanterOid: (row.planterOid ?? "") !== (published.PlanterOid ?? "").toLowerCase(),
    WindowStart: Math.abs((row.windowStart?.getTime() ?? 0) - time(published.WindowStart)) >= SAME_TIME_MS,
    WindowEnd: Math.abs((row.windowEnd?.getTime() ?? 0) - time(published.WindowEnd)) >= SAME_TIME_MS,
  });
}

function isOver({ State, WindowEnd }: Readonly<Record<string, string>>, now: Date): boolean {
  return State === "planting" && WindowEnd !== undefined && new Date(WindowEnd) < now;
}

function columnsOf(differs: Record<string, boolean>): string[] {
  return Object.entries(differs).flatMap(([column, differ]) => (differ ? [column] : []));
}

/** Rows that no decoy of ours stands behind, and rows that name one of ours again. */
function strays(
  { decoys, tooYoung, now }: Compared,
  byKey: ReadonlyMap<string, RegisterRow[]>,
  ours: ReadonlyMap<string, ComparedDecoy>,
): Difference[] {
  const gone = new Map(
    decoys.flatMap((decoy) =>
      decoy.state === "retired" || decoy.state === "failed" ? [[decoy.token_key, decoy] as const] : [],
    ),
  );
  return [...byKey].flatMap(([key, rows]) => {
    const own = ours.get(key);
    const past = gone.get(key);
    const [first] = rows;
    const kept = own ? rowOf(own, rows) : (rows.find(({ state }) => state === "live") ?? first);
    const extra = rows.filter((row) => row !== kept);
    const about = (
      row: RegisterRow,
      kind: DriftKind,
      decoy: ComparedDecoy | undefined,
      detail: string,
    ): Difference => ({
      kind,
      subject: row.itemId,
      decoyId: decoy?.id ?? null,
      rowId: row.itemId,
      vaultId: row.vaultId,
      objectKind: row.kind,
      name: row.name,
      detail,
    });
    const busy =
      own && (own.state === "registered" || own.state === "planting" || tooYoung(own.publishing_at ?? own.updated_at));
    const found = busy ? [] : extra.map((row) => about(row, "duplicate", own, "Another row names the same object."));
    if (own || !kept) return found;
    if (past) {
      if (tooYoung(past.publishing_at ?? past.updated_at)) return found;
      return [
        ...found,
        about(kept, "leftover", past, "The decoy is retired or was never planted, and its row is still there."),
      ];
    }
    // Another register may plant here too: its row is foreign once its planting must be over.
    if (kept.state === "planting" && (kept.windowEnd ?? now) >= now) return found;
    return [...found, about(kept, "foreign", undefined, "A row that this product did not publish names this vault.")];
  });
}
