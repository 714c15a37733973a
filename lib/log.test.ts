import { expect, test } from "vitest";
import { z } from "zod";
import { AppError } from "./errors";
import { createLog } from "./log";

const TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJvaWQiOiIxIn0.c2lnbmF0dXJl";
const VALUE = "Server=tcp:db;Password=hunter2";
const NAME = "payroll-db-connection";

function written(write: (log: ReturnType<typeof createLog>) => void): string {
  const lines: string[] = [];
  write(createLog({ write: (line) => void lines.push(line) }));
  return lines.join("");
}

test.each([
  ["in a field of that name", { authorization: `Bearer ${TOKEN}`, accessToken: TOKEN, value: VALUE }],
  ["deep inside", { request: { headers: { Authorization: TOKEN, cookie: VALUE }, body: { client_secret: VALUE } } }],
  ["in a list", { calls: [{ token: TOKEN }, { oboAssertion: TOKEN }] }],
  ["in some text", { note: `sent ${TOKEN} as Bearer abc.def` }],
  ["in names of other casing", { "X-IDENTITY-HEADER": VALUE, refreshToken: TOKEN, connectionString: VALUE }],
])("tokens and values never reach the log %s", (_, fields) => {
  const line = written((log) => log.warn(fields, "something"));
  expect(line).toContain("something");
  for (const secret of [TOKEN, VALUE, "hunter2", "abc.def"]) expect(line).not.toContain(secret);
});

test("a token in the message itself is taken out", () => {
  const line = written((log) => log.error(`calling with Bearer ${TOKEN} failed`));
  expect(line).toContain("calling with [removed] failed");
});

test("an SDK error leaves only its status, its codes and where it happened", () => {
  const request = { url: `https://kv.vault.azure.net/secrets/${NAME}`, headers: { authorization: TOKEN }, body: VALUE };
  const bodyAsText = JSON.stringify({ error: { code: "Forbidden", message: `no access to ${NAME}` } });
  const response = { request, status: 403, headers: new Map([["authorization", TOKEN]]), bodyAsText };
  const cause = Object.assign(new Error(`no access to ${NAME}`), { statusCode: 403, request, response });
  const line = written((log) => log.warn({ err: new AppError("forbidden", "Could not list.", {}, cause) }, "refused"));
  expect(line).toContain("Could not list.");
  expect(line).toContain('"codes":["Forbidden"]');
  expect(line).toContain("log.test.ts");
  for (const secret of [TOKEN, VALUE, NAME]) expect(line).not.toContain(secret);
});

test("parser errors, which quote their input, keep it to themselves", () => {
  let syntax: unknown;
  try {
    JSON.parse(`{"${NAME}": ${VALUE}`);
  } catch (error) {
    syntax = error;
  }
  const shape = z.strictObject({}).safeParse({ [NAME]: VALUE }).error;
  const line = written((log) => log.error({ err: syntax, other: shape }, "odd answer"));
  expect(line).toContain("SyntaxError");
  for (const secret of [VALUE, NAME]) expect(line).not.toContain(secret);
});

test("a fault of ours keeps its message, to be found by", () => {
  const line = written((log) => log.error({ err: new TypeError("x is not a function") }, "fault"));
  expect(line).toContain("x is not a function");
});

test("a child carries the request id and cleans as well", () => {
  const line = written((log) => log.child({ requestId: "r-1" }).info({ token: TOKEN }, "done"));
  expect(JSON.parse(line)).toMatchObject({ requestId: "r-1", token: "[removed]", msg: "done" });
});
