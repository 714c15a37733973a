import { expect, test } from "vitest";
import { unremovable } from "./reach";

test("past a closed network only what is gone already can be let go, and the reason says what to do", () => {
  const [gone, there] = [{ broken: "deleted" as const }, { broken: null }];
  expect(unremovable({ network: "private" }, [gone, gone])).toBeUndefined();
  expect(unremovable({ network: "firewall" }, [gone, there])).toMatch(/have the vault's owner let in/);
  for (const network of ["public", "admitted"] as const) expect(unremovable({ network }, [there])).toBeUndefined();
});
