import { describe, expect, test } from "vitest";
import { makeArmTenant } from "../arm/test-context";
import type { Call } from "../context";
import { inTurn, queryQueueChore } from "./concurrency";

function setUp(throttle = true) {
  const tenant = makeArmTenant({ throttle });
  const call = (name: string): Call => tenant.call(tenant.person(name), "GET", "/");
  const open: (() => void)[] = [];
  let running = 0;
  let most = 0;
  const query = () => {
    running++;
    most = Math.max(most, running);
    return new Promise<string>((resolve) => {
      open.push(() => {
        running--;
        resolve("rows");
      });
    });
  };
  const finishOne = async () => {
    open.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { tenant, call, query, finishOne, most: () => most, running: () => running };
}

describe("queries of one caller", () => {
  test("five run at a time, the others in their order", async () => {
    const { call, query, finishOne, most, running } = setUp();
    const person = call("anna");
    const answers = Array.from({ length: 12 }, () => inTurn(person, query));
    await Promise.resolve();
    expect(running()).toBe(5);
    for (let number = 0; number < 12; number++) await finishOne();
    expect(await Promise.all(answers)).toHaveLength(12);
    expect(most()).toBe(5);
  });

  test("another caller does not wait for them", async () => {
    const { call, query, finishOne, running } = setUp();
    const anna = call("anna");
    const all = Array.from({ length: 5 }, () => inTurn(anna, query));
    const other = inTurn(call("bert"), query);
    await Promise.resolve();
    expect(running()).toBe(6);
    for (let number = 0; number < 6; number++) await finishOne();
    await Promise.all([...all, other]);
  });

  test("one that has waited three minutes is refused at that moment, also when no query ends", async () => {
    const { tenant, call, query, finishOne } = setUp();
    const person = call("anna");
    const chore = queryQueueChore(tenant.context);
    const first = Array.from({ length: 5 }, () => inTurn(person, query));
    const due = tenant.context.now() + 3 * 60_000;
    const early = inTurn(person, query).then(String, (error) => error.status);
    tenant.advance(60_000);
    const late = inTurn(person, query);
    expect(await chore.due(due - 1, 0)).toBeUndefined();
    expect(await chore.due(due, 0)).toBe(due);
    tenant.advance(2 * 60_000);
    await chore.run(due);
    expect(await early).toBe(429);
    expect(await chore.due(due, 0)).toBeUndefined();
    for (let number = 0; number < 6; number++) await finishOne();
    expect(await Promise.all([...first, late])).toHaveLength(6);
  });

  test("the 206th is refused at once, and one that waited three minutes when its turn comes", async () => {
    const { tenant, call, query, finishOne } = setUp();
    const person = call("anna");
    const first = Array.from({ length: 5 }, () => inTurn(person, query));
    const waiting = Array.from({ length: 200 }, () => inTurn(person, query).then(String, (error) => error.status));
    await expect(inTurn(person, query)).rejects.toMatchObject({ status: 429 });
    tenant.advance(3 * 60_000 + 1);
    await finishOne();
    expect(new Set(await Promise.all(waiting))).toEqual(new Set([429]));
    for (let number = 0; number < 4; number++) await finishOne();
    await Promise.all(first);
  });

  test("a query that fails gives its place away", async () => {
    const { call } = setUp();
    const person = call("anna");
    const failing = () => Promise.reject(new Error("no such column"));
    for (let number = 0; number < 20; number++) await expect(inTurn(person, failing)).rejects.toThrow("no such column");
  });
});
