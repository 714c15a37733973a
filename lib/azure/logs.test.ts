import { expect, test } from "vitest";
import { z } from "zod";
import { queryLogsBatch } from "./logs";
import { answeringLogs } from "./testing/answering-logs";

const Row = z.object({ Name: z.string() });
const TABLE = { name: "PrimaryResult", columns: [{ name: "Name", type: "string" }], rows: [["first"]] };
const PARTIAL = { code: "PartialError", message: "There were some errors when processing your query." };

const query = (allowPartial?: boolean) => ({
  kql: "T",
  schema: Row,
  ...(allowPartial !== undefined && { allowPartial }),
});
type Rows = z.infer<typeof Row>;

test("the rows of a partial answer are given, and marked, only where the query allows it", async () => {
  const partial = { status: 200, body: { tables: [TABLE], error: PARTIAL } };
  const [allowed, refused] = await queryLogsBatch<[Rows, Rows]>(answeringLogs([partial, partial]), "w", [
    query(true),
    query(),
  ]);
  expect(allowed).toMatchObject({
    ok: true,
    rows: [{ Name: "first" }],
    partial: { failure: { code: "unavailable", message: expect.stringContaining("rows are missing") } },
  });
  expect(refused).toMatchObject({ ok: false, error: { failure: { code: "unavailable" } } });
});

test("a whole answer is not marked, and one that failed gives no rows although partial ones are allowed", async () => {
  const whole = { status: 200, body: { tables: [TABLE] } };
  const late = { status: 504, body: { error: { code: "GatewayTimeout", message: "The query took too long." } } };
  const throttled = { status: 429, body: { error: { code: "ThrottledError", message: "Rate limit is exceeded." } } };
  const outcomes = await queryLogsBatch<[Rows, Rows, Rows]>(answeringLogs([whole, late, throttled]), "w", [
    query(true),
    query(true),
    query(true),
  ]);
  expect(outcomes[0]).toEqual({ ok: true, rows: [{ Name: "first" }] });
  expect(outcomes[1]).toMatchObject({
    ok: false,
    error: { failure: { message: expect.stringContaining("too long") } },
  });
  expect(outcomes[2]).toMatchObject({ ok: false, error: { failure: { code: "throttled" } } });
});
