import type { KyselyPlugin } from "kysely";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { AppError } from "@/lib/errors";
import type { Store } from "@/lib/store/open";
import { temporaryStore } from "@/lib/store/testing/stores";
import { testService } from "../testing/service";
import { withUploadLock } from "./upload-lock";

const START = Date.parse("2026-11-22T10:00:00Z");
const MINUTE = 60_000;

let store: Store;
/** Milliseconds since START. */
let elapsed = 0;

beforeAll(async () => {
  store = await temporaryStore();
});
afterAll(() => store.close());
afterEach(async () => {
  vi.useRealTimers();
  elapsed = 0;
  await store.db.updateTable("register_state").set({ upload_by: null, upload_until: null }).execute();
});

/** A process; each of its looks at the clock takes `takes` milliseconds. */
const processThat = (takes = 0) =>
  testService(store, () => {
    elapsed += takes;
    return new Date(START + elapsed);
  });

const heldBySomebody = (until: number) =>
  store.db
    .updateTable("register_state")
    .set({ upload_by: "a process that was killed", upload_until: new Date(until) })
    .execute();

const holder = async () =>
  (await store.db.selectFrom("register_state").select("upload_by").executeTakeFirstOrThrow()).upload_by;

test("what a killed process held is free after a minute", async () => {
  await heldBySomebody(START + MINUTE - 1);
  expect(await withUploadLock(processThat(1_000), async () => "uploaded")).toBe("uploaded");
  expect(elapsed).toBeGreaterThanOrEqual(MINUTE);
  expect(elapsed).toBeLessThan(2 * MINUTE);
});

test("a living process holds it for as long as it works, and others are told to come back", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  const held = () => store.db.selectFrom("register_state").select("upload_until").executeTakeFirstOrThrow();
  await withUploadLock(processThat(), async () => {
    for (let beats = 0; beats < 40; beats++) {
      elapsed += 15_000;
      vi.advanceTimersByTime(15_000);
      const until = START + elapsed + MINUTE;
      await vi.waitFor(async () => expect((await held()).upload_until?.getTime()).toBe(until));
    }
    await heldBySomebody(START + elapsed + 10 * MINUTE);
    await expect(withUploadLock(processThat(1_000), async () => {})).rejects.toThrow(AppError);
  });
});

test("whoever lost it to another process is told to come back before it sends, and leaves the other's lock alone", async () => {
  const lost = withUploadLock(processThat(), async ({ renew }) => {
    await heldBySomebody(START + MINUTE);
    await renew();
  });
  await expect(lost).rejects.toMatchObject({
    failure: { code: "throttled", message: expect.stringContaining("another process has taken over") },
  });
  expect(await holder()).toBe("a process that was killed");
});

/** Another process, which takes what has run out, and gives it back when it is done. */
const uploadsBesides = async () => {
  elapsed += MINUTE + 1;
  await withUploadLock(processThat(), async () => {});
};

test("whoever stood still while another process took the lock and gave it back does not take it anew", async () => {
  const lost = withUploadLock(processThat(), async ({ renew }) => {
    await uploadsBesides();
    await renew();
    throw new Error("uploaded again");
  });
  await expect(lost).rejects.toMatchObject({ failure: { code: "throttled" } });
});

test("a sign of life of one that lost the lock does not take it anew either", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  const lost = withUploadLock(processThat(), async ({ renew }) => {
    await uploadsBesides();
    vi.advanceTimersByTime(15_000);
    await renew();
    throw new Error("uploaded again");
  });
  await expect(lost).rejects.toMatchObject({ failure: { code: "throttled" } });
  expect(await holder()).toBeNull();
});

test("one that stood still while nobody else took it still has it", async () => {
  const done = withUploadLock(processThat(), async ({ renew }) => {
    elapsed += 2 * MINUTE;
    await renew();
    return "uploaded";
  });
  expect(await done).toBe("uploaded");
});

test("a sign of life that is under way when the work ends is waited for before the lock is given back", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  let answer = (): void => {};
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  let slow = false;
  const slowly: KyselyPlugin = {
    transformQuery: ({ node }) => node,
    transformResult: async ({ result }) => {
      if (slow) await answered;
      return result;
    },
  };
  const ended = withUploadLock({ ...processThat(), db: store.db.withPlugin(slowly) }, async () => {
    slow = true;
    vi.advanceTimersByTime(15_000);
  });
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(await holder()).not.toBeNull();
  answer();
  await ended;
  expect(await holder()).toBeNull();
});
