import { expect, test } from "vitest";
import { PART_NAMES, readinessOf } from "./readiness.pure";

const parts = (...missing: string[]) =>
  PART_NAMES.map((name) => ({ name, ok: !missing.includes(name), detail: "It was looked at." }));

test.each([
  [[], "ready"],
  [["worker"], "degraded"],
  [["azure"], "degraded"],
  [["store"], "unavailable"],
  [["azure", "store"], "unavailable"],
])("without %o it is %s", (missing, status) => {
  expect(readinessOf(parts(...missing)).status).toBe(status);
});
