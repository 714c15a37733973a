import { describe, expect, test } from "vitest";
import { z } from "zod";
import { bodyFault } from "./body-fault";
import { longText } from "./body-texts";

const Body = z.strictObject({
  name: z.string().min(3).max(5),
  level: z.enum(["High", "Low"]).optional(),
  count: z.int().min(1).max(9).optional(),
  on: z.boolean().optional(),
  labels: z.array(z.string()).max(2).optional(),
  id: z.guid().optional(),
  span: z
    .string()
    .refine((text) => text.startsWith("P"), "must be a duration")
    .optional(),
});

describe("a body that does not fit", () => {
  test.each([
    [{}, "The name field is required."],
    [null, "Error converting value null to type 'object'. Path ''."],
    [{ name: 5 }, "Error converting value 5 to type 'System.String'. Path 'name'."],
    [{ name: "a" }, "The field name must be a string or array type with a minimum length of '3'."],
    [{ name: "abcdef" }, "The field name must be a string with a maximum length of 5."],
    [{ name: "abc", level: "Top" }, "Error converting value \"Top\" to type 'level'. Path 'level'."],
    [{ name: "abc", count: 10 }, "The field count must have a maximum value of 9."],
    [{ name: "abc", count: 1.5 }, "Error converting value 1.5 to type 'System.Int32'. Path 'count'."],
    [{ name: "abc", on: "yes" }, "Error converting value \"yes\" to type 'System.Boolean'. Path 'on'."],
    [{ name: "abc", labels: ["a", "b", "c"] }, "must be a string or array type with a maximum length of '2'."],
    [{ name: "abc", labels: [1] }, "Error converting value 1 to type 'System.String'. Path 'labels.0'."],
    [{ name: "abc", id: "x" }, "Error converting value \"x\" to type 'System.Guid'. Path 'id'."],
    [{ name: "abc", span: "1h" }, "The field span must be a duration."],
    [{ name: "abc", colour: 1 }, "Could not find member 'colour'"],
  ])("%j is told in the services' words", (value, message) => {
    const { error } = Body.safeParse(value);
    expect(error && bodyFault(error, value).message).toContain(message);
  });

  test("a refusal repeats little of what it refuses", () => {
    const value = { name: "a".repeat(1_000_000), level: "b".repeat(1_000_000) };
    const { error } = z.object({ level: z.enum(["High"]) }).safeParse(value);
    expect(error && bodyFault(error, value).message.length).toBeLessThan(200);
  });
});

describe("texts of any length", () => {
  const long = "a".repeat(70_000);

  test.each([
    [{ properties: { title: long } }, "properties.title"],
    [{ list: [{}, { name: long }] }, "list.1.name"],
    [{ list: { [long]: 1 } }, "list"],
    [long, ""],
  ])("are found wherever they are", (body, path) => {
    expect(longText(body)?.path).toBe(path);
  });

  test("are left alone where they are contents, and below the limit", () => {
    expect(longText({ properties: { rawContent: long } }, new Set(["rawContent"]))).toBeUndefined();
    expect(longText({ rawContent: [long] }, new Set(["rawContent"]))?.path).toBe("rawContent.0");
    expect(longText({ properties: { title: "a".repeat(65_536) } })).toBeUndefined();
  });
});
