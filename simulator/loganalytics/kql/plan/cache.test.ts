import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { PlanCache, planKey } from "./cache";
import { PLAN_VERSION, type Plan } from "./plan";

const plan: Plan = {
  version: PLAN_VERSION,
  tables: [],
  main: { source: { op: "table", name: "T", at: 0 }, steps: [] },
  columns: [],
  usesIngestionTime: false,
  prologueLength: 0,
  pinned: [],
  calls: [],
};

describe("the plan cache", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "kql-cache-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("forgets the plan that was not used for longest", () => {
    const cache = new PlanCache(2, undefined);
    cache.add("a", plan);
    cache.add("b", plan);
    cache.find("a", {});
    cache.add("c", plan);
    expect(["a", "b", "c"].map((key) => cache.find(key, {})?.from)).toEqual(["memory", undefined, "memory"]);
  });

  it("passes over a file that was cut off or is of another version", () => {
    new PlanCache(2, folder).add("whole", plan);
    writeFileSync(path.join(folder, "half.json"), '{"version":2,');
    writeFileSync(path.join(folder, "old.json"), JSON.stringify({ ...plan, version: 0 }));
    const cache = new PlanCache(2, folder);
    expect(["whole", "half", "old", "none"].map((key) => cache.find(key, {})?.from)).toEqual([
      "folder",
      undefined,
      undefined,
      undefined,
    ]);
    expect(readdirSync(folder).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  it("keys a plan by text, schema and what is waived", () => {
    const schema = { tables: [{ name: "T", columns: [] }], functions: [] };
    const keys = [
      planKey("T", schema, []),
      planKey("T ", schema, []),
      planKey("T", { ...schema, tables: [] }, []),
      planKey("T", schema, ["KS234"]),
    ];
    expect(new Set(keys).size).toBe(4);
    expect(planKey("T", schema, [])).toBe(keys[0]);
  });
});
