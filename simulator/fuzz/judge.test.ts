import { describe, expect, test } from "vitest";
import { complaint } from "./judge";

const LONG = "a".repeat(200_000);
const request = (body: unknown, more: { method?: string; target?: string } = {}) => ({
  method: "PUT",
  host: "management.azure.com",
  target: "/subscriptions/s/providers/Microsoft.Security/x",
  headers: {},
  body: Buffer.from(JSON.stringify(body)),
  ...more,
});
const answer = (status: number, body: unknown) => ({
  status,
  contentType: "application/json",
  text: JSON.stringify(body),
});
const refusal = { error: { code: "BadRequest", message: "No." } };

describe("the judge of hostile requests", () => {
  test("has nothing against a refusal, or a good answer to a short request", () => {
    expect(complaint(request({ name: LONG }), answer(400, refusal))).toBeUndefined();
    expect(complaint(request({ name: "a" }), answer(200, {}))).toBeUndefined();
  });

  test("complains of a long text that was taken, whether or not the answer repeats it", () => {
    expect(complaint(request({ properties: { name: LONG } }), answer(200, {}))).toContain("at properties.name");
    expect(complaint(request({ list: [LONG] }), answer(201, {}))).toContain("at list.0");
  });

  test("but not where nobody reads the body, or only a query of a batch was refused inside", () => {
    expect(complaint(request({ name: LONG }, { method: "GET" }), answer(200, {}))).toBeUndefined();
    expect(complaint(request(LONG), answer(200, {}))).toBeUndefined();
    const batch = { requests: [{ body: { query: LONG } }] };
    expect(complaint(request(batch, { target: "/v1/%24batch" }), answer(200, {}))).toBeUndefined();
    expect(complaint(request(batch), answer(200, {}))).toContain("query");
  });

  test.each([
    [answer(500, refusal), "500"],
    [answer(400, { error: "No." }), "without code and message"],
    [{ status: 404, contentType: "text/html", text: "<p>" }, "text/html"],
    [answer(400, { error: { code: "x", message: "TypeError" } }), "inside"],
  ])("knows a bad refusal", (given, said) => {
    expect(complaint(request({}), given)).toContain(said);
  });
});
