import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { forAll, mustGoOn, outsideSlot, Slots } from "./slots";

/** A promise and what resolves it. */
function gate(): { open: () => void; opened: Promise<void> } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

test("no more work at the same time than there are slots, in the order in which it came", async () => {
  const slots = new Slots(2);
  const gates = [gate(), gate(), gate(), gate()];
  const begun: number[] = [];
  const all = gates.map(({ opened }, index) =>
    slots.run(async () => {
      begun.push(index);
      await opened;
    }),
  );
  await turn();
  expect(begun).toEqual([0, 1]);
  gates[1]?.open();
  await all[1];
  await turn();
  expect(begun).toEqual([0, 1, 2]);
  for (const { open } of gates) open();
  await Promise.all(all);
  expect(begun).toEqual([0, 1, 2, 3]);
});

test("work of a lower rank goes first, and of one rank what comes back from a wait before what is new", async () => {
  const slots = new Slots(1);
  const [outside, working] = [gate(), gate()];
  const seen: string[] = [];
  const late = slots.run(
    async () => {
      await outsideSlot(() => outside.opened);
      seen.push("0 goes on");
    },
    { rank: 0 },
  );
  const first = slots.run(() => working.opened);
  await turn();
  const say = (rank: 0 | 1 | 2) => slots.run(async () => void seen.push(String(rank)), { rank });
  const others = [say(2), say(1), say(0)];
  outside.open();
  await turn();
  working.open();
  await Promise.all([late, first, ...others]);
  expect(seen).toEqual(["0 goes on", "0", "1", "2"]);
});

test("whoever comes back goes before what began after it", async () => {
  const slots = new Slots(1);
  const [outside, working] = [[gate(), gate(), gate()], gate()];
  const seen: number[] = [];
  const all = outside.map(({ opened }, index) =>
    slots.run(async () => {
      await outsideSlot(() => opened);
      seen.push(index);
    }),
  );
  const busy = slots.run(() => working.opened);
  await turn();
  for (const { open } of outside.toReversed()) {
    open();
    await turn();
  }
  working.open();
  await Promise.all([...all, busy]);
  expect(seen).toEqual([0, 1, 2]);
});

test("whoever waits outside lets another one work, and goes on only when a slot is free", async () => {
  const slots = new Slots(1);
  const [outside, working] = [gate(), gate()];
  const seen: string[] = [];
  const first = slots.run(async () => {
    await outsideSlot(() => outside.opened);
    seen.push("first goes on");
  });
  const second = slots.run(async () => {
    seen.push("second works");
    await working.opened;
  });
  await turn();
  expect(seen).toEqual(["second works"]);
  outside.open();
  await turn();
  expect(seen).toEqual(["second works"]);
  working.open();
  await Promise.all([first, second]);
  expect(seen).toEqual(["second works", "first goes on"]);
});

test("after several calls that wait at once, failures and work that ends early there are as many slots as before", async () => {
  const slots = new Slots(2);
  const late = gate();
  await expect(
    slots.run(async () => {
      const left = outsideSlot(() => late.opened);
      await Promise.all([outsideSlot(turn), outsideSlot(turn)]);
      void left;
      throw new Error("ends while one call still waits");
    }),
  ).rejects.toThrow("still waits");
  late.open();
  await turn();
  let together = 0;
  let most = 0;
  const all = Array.from({ length: 6 }, () =>
    slots.run(async () => {
      together++;
      most = Math.max(most, together);
      await turn();
      together--;
    }),
  );
  await Promise.all(all);
  expect(most).toBe(2);
});

test("outside of any slot it only waits", async () => {
  expect(await outsideSlot(async () => 7)).toBe(7);
});

test("work that is done for all gives nobody's slot away", async () => {
  const slots = new Slots(1);
  const [waiting, working] = [gate(), gate()];
  const seen: string[] = [];
  const first = slots.run(async () => {
    const shared = forAll(() => outsideSlot(() => waiting.opened));
    await working.opened;
    seen.push("first ends");
    void shared;
  });
  const second = slots.run(async () => {
    seen.push("second works");
  });
  await turn();
  expect(seen).toEqual([]);
  working.open();
  await Promise.all([first, second]);
  waiting.open();
  expect(seen).toEqual(["first ends", "second works"]);
});

test("work that is not to go on is told so, before and after its waits; what it does for all, and others, are not", async () => {
  const slots = new Slots(2);
  const outside = gate();
  const over = { first: false };
  const first = slots.run(
    async () => {
      mustGoOn();
      await outsideSlot(() => outside.opened);
      forAll(mustGoOn);
      mustGoOn();
    },
    {
      mayGoOn: () => {
        if (over.first) throw new Error("over");
      },
    },
  );
  await turn();
  over.first = true;
  outside.open();
  await expect(first).rejects.toThrow("over");
  await expect(slots.run(async () => mustGoOn())).resolves.toBeUndefined();
  expect(mustGoOn).not.toThrow();
});
