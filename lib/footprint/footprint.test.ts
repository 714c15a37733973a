import { expect, test } from "vitest";
import type { Permission } from "@/lib/azure/permits.pure";
import { FAMILIAR_NAMES, NEUTRAL_NAMES } from "@/lib/distribution/policies.pure";
import { type FootprintView, footprintCsv, tellingWords } from "./footprint.pure";
import { readsRegister } from "./internal/register-readers";
import { traceOf } from "./internal/trace";

test.each([
  ["KeyVault HoneyTokens", "plain", ["honey"]],
  ["kv-decoyed-01", "plain", ["decoy"]],
  ["Deception platform", "plain", ["decept"]],
  ["sp-trap-runner", "plain", ["trap"]],
  ["myTrapRole", "plain", ["trap"]],
  ["bootstrap-faker", "nothing", []],
  ["eplanters", "nothing", []],
  ["id-planter", "hint", ["planter"]],
  ["Vault object provisioning", "nothing", []],
  ["", "nothing", []],
])("%s is %s", (name, telling, words) => {
  expect(tellingWords(name)).toEqual({ telling, words });
});

test("the neutral names of the recommendation say nothing, the familiar ones do", () => {
  expect(tellingWords(Object.values(NEUTRAL_NAMES).join("\n")).telling).toBe("nothing");
  expect(tellingWords(Object.values(FAMILIAR_NAMES).join("\n")).telling).toBe("plain");
});

test("content makes a neutral name a hint, and what says nothing asks for no change", () => {
  const seen = { kind: "role", name: "Provisioning", where: "", readers: "", instead: "Rename it." } as const;
  expect(traceOf(seen)).toMatchObject({ telling: "nothing", instead: "", because: [] });
  expect(traceOf({ ...seen, content: "it writes secrets" })).toMatchObject({
    ...{ telling: "hint", instead: "Rename it.", because: ["it writes secrets"] },
  });
  expect(traceOf({ ...seen, texts: ["a decoy"], content: "x" })).toMatchObject({ telling: "plain" });
});

const role = (actions: string[], notActions: string[] = []): Permission[] => [
  { actions, notActions, dataActions: [], notDataActions: [] },
];

test("any reader of the workspace reads the register, and who may only write to it does not", () => {
  expect(readsRegister(role(["*/read"]))).toBe(true);
  expect(readsRegister(role(["*"]))).toBe(true);
  expect(readsRegister(role(["Microsoft.SecurityInsights/*"]))).toBe(true);
  expect(readsRegister(role(["Microsoft.OperationalInsights/workspaces/query/read"]))).toBe(true);
  expect(readsRegister(role(["Microsoft.OperationalInsights/workspaces/sharedKeys/action"]))).toBe(false);
  expect(readsRegister(role(["*/read"], ["Microsoft.SecurityInsights/*"]))).toBe(true);
  const neither = ["Microsoft.SecurityInsights/*", "Microsoft.OperationalInsights/workspaces/query/*"];
  expect(readsRegister(role(["*/read"], neither))).toBe(false);
});

test("the file holds traces, readers and what was not read, and no cell runs in a spreadsheet", () => {
  const view: FootprintView = {
    traces: [
      {
        ...{ kind: "tag", name: "=cmd()", where: "w", readers: "r", telling: "plain", because: ["decoy"] },
        instead: "i",
      },
    ],
    readers: [
      { name: "n", principalId: "p", kind: "User", roles: ["Reader"], from: ["Workspace"], direct: true, ours: false },
    ],
    unread: [{ what: "App registrations", problem: "refused", fix: "ask" }],
    ...{ notes: [], readAt: "2026-11-30T12:00:00Z" },
  };
  const lines = footprintCsv(view).trim().split("\r\n");
  expect(lines).toHaveLength(4);
  expect(lines[1]).toContain("'=cmd()");
  expect(new Set(lines.map((line) => line.split(",").length))).toEqual(new Set([8]));
});
