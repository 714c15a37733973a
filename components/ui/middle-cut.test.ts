import { expect, test } from "vitest";
import { middleCut } from "./middle-cut";

test("what fits stays as it is", () => {
  expect(middleCut("kv-payments-prod-weu-09", 24)).toBe("kv-payments-prod-weu-09");
});

test("names that differ at their end still differ when they are cut", () => {
  const names = ["backup-of-payments-prod-weu-01", "backup-of-payments-prod-weu-02"];
  const cut = names.map((name) => middleCut(name, 16));
  expect(cut).toEqual(["backup-…d-weu-01", "backup-…d-weu-02"]);
  for (const one of cut) expect([...one]).toHaveLength(16);
});

test("a character of two units is never halved", () => {
  expect(middleCut("🔑🔑🔑🔑🔑🔑", 4)).toBe("🔑…🔑🔑");
});
