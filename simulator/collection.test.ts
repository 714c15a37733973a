import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Collection, type Layer } from "./collection";

interface Document {
  group: string;
  text: string;
}

const groupOf = (document: Document): string => document.group;
const generated = new Map<string, Document>(
  ["a", "b", "c", "d"].map((key, index) => [key, { group: `g${index % 2}`, text: `made ${key}` }]),
);

/** Makes a new document at every call, as a layer that keeps nothing does. */
const layer: Layer<Document> = {
  size: generated.size,
  has: (key) => generated.has(key),
  get: (key) => {
    const found = generated.get(key);
    return found && { ...found };
  },
  entries: () => Array.from(generated, ([key, value]): [string, Document] => [key, { ...value }]),
  groups: {
    keyOf: groupOf,
    entries: (group) =>
      Array.from(generated, ([key, value]): [string, Document] => [key, { ...value }]).filter(
        ([, value]) => value.group === group,
      ),
  },
};

const step = fc.record({
  do: fc.constantFrom("put", "put", "delete", "settle", "group"),
  key: fc.constantFrom("a", "B", "c", "d", "e", "F", "g"),
  group: fc.constantFrom("g0", "g1", "g2"),
  text: fc.string({ maxLength: 3 }),
});

const bySize = (entries: Iterable<[string, Document]>) => [...entries].sort(([a], [b]) => (a < b ? -1 : 1));

describe("a collection", () => {
  test("tells which keys were written since a version, each once, and says when that is too long ago", () => {
    const collection = new Collection<Document>(() => {});
    collection.lay(layer);
    const begun = collection.version;
    const document = { group: "g0", text: "new" };
    expect(collection.changedSince(begun)).toEqual(new Set());
    collection.put("A", document);
    const between = collection.version;
    collection.put("e", document);
    collection.delete("b");
    collection.put("E", document);
    expect(collection.changedSince(begun)).toEqual(new Set(["a", "e", "b"]));
    expect(collection.changedSince(between)).toEqual(new Set(["e", "b"]));
    // Before the layer was laid.
    expect(collection.changedSince(0)).toBeUndefined();
    for (let index = 0; index < 40_000; index++) collection.put(`key-${index}`, document);
    expect(collection.changedSince(between)).toBeUndefined();
    expect(collection.changedSince(collection.version - 3)?.size).toBe(3);
  });

  test("over generated documents answers like a plain map, whatever is done to it", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), fc.boolean(), (steps, lazily) => {
        const collection = new Collection<Document>(() => {});
        if (lazily) collection.lay(layer);
        else for (const [key, value] of generated) collection.put(key, value);
        const plain = new Map(generated);
        for (const { do: what, key, group, text } of steps) {
          const value = { group, text };
          if (what === "put") {
            collection.put(key, value);
            plain.set(key.toLowerCase(), value);
          } else if (what === "delete") expect(collection.delete(key)).toBe(plain.delete(key.toLowerCase()));
          else if (what === "settle") collection.settle();
          else {
            const members = [...plain.values()].filter((one) => one.group === group);
            const found = collection.groupedBy(groupOf).get(group) ?? [];
            expect(new Set(found.map(({ text }) => text))).toEqual(new Set(members.map(({ text }) => text)));
            expect(found).toHaveLength(members.length);
          }
          expect(collection.get(key)).toEqual(plain.get(key.toLowerCase()));
        }
        expect(collection.size).toBe(plain.size);
        expect(bySize(collection.entries())).toEqual(bySize(plain));
        expect([...collection.values()]).toEqual([...collection.entries()].map(([, value]) => value));
      }),
    );
  });

  test("is the same again, in the same order, when its differences are applied to its layer", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const made = () => {
          const collection = new Collection<Document>(() => {});
          collection.lay(layer);
          collection.put("d", { group: "g0", text: "by the world" });
          collection.put("w", { group: "g1", text: "by the world" });
          collection.settle();
          return collection;
        };
        const collection = made();
        for (const { do: what, key, group, text } of steps) {
          if (what === "delete") collection.delete(key);
          else collection.put(key, { group, text });
        }
        const again = made();
        for (const [key, value] of collection.differences()) {
          if (value === undefined) again.delete(key);
          else again.put(key, value);
        }
        expect([...again.entries()]).toEqual([...collection.entries()]);
        expect(again.differences().size).toBe(collection.differences().size);
      }),
    );
  });

  test("tells each change once, a deletion only of what was there", () => {
    const told: [string, Document | undefined][] = [];
    const collection = new Collection<Document>((key, value) => told.push([key, value]));
    collection.lay(layer);
    const before = collection.version;
    collection.put("A", { group: "g2", text: "mine" });
    collection.delete("b");
    collection.delete("b");
    expect(told).toEqual([
      ["a", { group: "g2", text: "mine" }],
      ["b", undefined],
    ]);
    expect(collection.version - before).toBe(2);
  });
});
