import { describe, expect, test } from "vitest";
import { mayPlan, roleLabels } from "./roles";

function token(claims: unknown): string {
  const payload = Buffer.from(JSON.stringify(claims)).toString("base64url");
  return `header.${payload}.signature`;
}

describe("the roles beside a person's name", () => {
  test("are said in words, the strongest first", () => {
    expect(roleLabels(token({ roles: ["KeyVault.Owner", "Platform.Admin"] }))).toEqual([
      "Administrator",
      "Key Vault owner",
    ]);
  });

  test("leave out what this product does not know", () => {
    expect(roleLabels(token({ roles: ["Something.Else"] }))).toEqual([]);
  });

  test.each(["", "no-token", "a.b.c", token({ roles: "all" })])("are none in what is no token: %s", (text) => {
    expect(roleLabels(text)).toEqual([]);
  });

  test("survive a name with letters beyond ASCII in the same token", () => {
    expect(roleLabels(token({ name: "Zoë Ålund ÿÿ??>>", roles: ["Soc.Analyst"] }))).toEqual(["SOC analyst"]);
  });
});

describe("planting, replacing and removing", () => {
  test.each([
    ["administrators", ["Administrator"]],
    ["administrators who are analysts too", ["Administrator", "SOC analyst"]],
    ["owners", ["Key Vault owner"]],
    ["owners who are analysts too", ["SOC analyst", "Key Vault owner"]],
    ["people without a role, as owners may be", []],
  ])("is offered to %s, who are told what Azure says when they ask", (_, roles) => {
    expect(mayPlan(roles, false)).toBe(true);
  });

  test("is offered to analysts only where Azure is known to let them write", () => {
    expect(mayPlan(["SOC analyst"], false)).toBe(false);
    expect(mayPlan(["SOC analyst"], true)).toBe(true);
  });
});
