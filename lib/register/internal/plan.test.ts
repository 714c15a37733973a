import fc from "fast-check";
import { expect, test } from "vitest";
import { fieldsOf, type RegisterDecoy } from "./fields";
import { type KnownRow, planWrites, type RegisterChange, worthUploading } from "./plan";

const decoys = Array.from(
  { length: 6 },
  (_, at): RegisterDecoy => ({
    id: `d${at}`,
    vault_id: `/subscriptions/s/resourcegroups/rg/providers/microsoft.keyvault/vaults/kv-${at % 2}`,
    kind: at % 2 === 0 ? "secret" : "key",
    name: `name-${at}`,
    token_key: `kv-${at % 2}/${at}`,
    planter_oid: "oid",
    watchlist_item_id: `own-${at}`,
  }),
);
const window = { start: new Date("2026-11-22T10:00:00Z"), end: new Date("2026-11-22T10:30:00Z") };
const states = fc.constantFrom<"planting" | "live" | "retiring">("planting", "live", "retiring");
const change = fc
  .tuple(fc.constantFrom(...decoys), fc.option(states), fc.boolean())
  .map(
    ([decoy, state, windowed]): RegisterChange =>
      state === null ? { remove: decoy } : { decoy, state, window: windowed ? window : undefined },
  );

/** What the watchlist would hold after a plan: by item id. */
function apply(rows: Map<string, object>, plan: ReturnType<typeof planWrites>): Map<string, object> {
  const after = new Map(rows);
  for (const write of [...plan.additions, ...plan.changes]) {
    if (write.is === "put") after.set(write.itemId, write.fields);
    else after.delete(write.itemId);
  }
  return after;
}

function wantedRows(rows: Map<string, object>, changes: readonly RegisterChange[]): Map<string, object> {
  const wanted = new Map(rows);
  for (const one of changes) {
    if ("remove" in one) wanted.delete(one.remove.watchlist_item_id);
    else wanted.set(one.decoy.watchlist_item_id, fieldsOf(one.decoy, one.state, one.window));
  }
  return wanted;
}

const known = (rows: ReadonlyMap<string, object>): Map<string, KnownRow> =>
  new Map(
    decoys.map(({ id, watchlist_item_id: itemId }) => {
      const published = rows.get(itemId);
      return [id, { itemId, published: published ? { ...published } : null, publishing: null }];
    }),
  );

test("from any state to any other, with as many writes as rows differ, and none the second time", () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 12 }), fc.array(change, { maxLength: 12 }), (before, changes) => {
      const rows = wantedRows(new Map(), before);
      const plan = planWrites(changes, known(rows));
      const after = apply(rows, plan);
      const wanted = wantedRows(rows, changes);
      expect(after).toEqual(wanted);
      const touched = new Set([...rows.keys(), ...wanted.keys()]);
      const differing = [...touched].filter((id) => JSON.stringify(rows.get(id)) !== JSON.stringify(wanted.get(id)));
      expect(plan.additions.length + plan.changes.length).toBe(differing.length);
      const again = planWrites(changes, known(after));
      expect([...again.additions, ...again.changes, ...again.doubtful]).toEqual([]);
    }),
  );
});

test("what is in doubt is written again under its own id, or looked up when an upload may have made it", () => {
  const [decoy] = decoys;
  if (!decoy) throw new Error("no decoy");
  const wanted: RegisterChange[] = [{ decoy, state: "live", window }];
  const published = fieldsOf(decoy, "live", window);
  const row = (publishing: KnownRow["publishing"]) =>
    new Map([[decoy.id, { itemId: "theirs", published, publishing }]]);
  expect(planWrites(wanted, row(null))).toEqual({ additions: [], changes: [], doubtful: [] });
  expect(planWrites(wanted, row("item")).changes).toMatchObject([{ is: "put", itemId: "theirs" }]);
  expect(planWrites(wanted, row("upload"))).toEqual({ additions: [], changes: [], doubtful: [decoy.id] });
  expect(planWrites([{ remove: decoy }], row("item")).changes).toMatchObject([{ is: "remove", itemId: "theirs" }]);
  expect(planWrites([{ remove: decoy }], row("upload")).doubtful).toEqual([decoy.id]);
});

test("rows go as an upload where that takes fewer calls, the listing of a large register counted in", () => {
  expect(worthUploading(49, 0)).toBe(false);
  expect(worthUploading(50, 0)).toBe(true);
  expect(worthUploading(3_000, 0)).toBe(true);
  expect(worthUploading(60, 100_000)).toBe(false);
  expect(worthUploading(3_000, 100_000)).toBe(true);
});
