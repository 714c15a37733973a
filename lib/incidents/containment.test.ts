import { describe, expect, test } from "vitest";
import {
  disableCommands,
  mayRecord,
  rotateCommand,
  STEPS,
  type StepAct,
  sessionCommands,
  stepState,
} from "./containment.pure";

const events = (...acts: [StepAct, string][]) => acts.map(([act, oid]) => ({ act, oid }));

describe("a step", () => {
  test.each([...STEPS.touch.filter((step) => step !== "disable"), ...STEPS.silence])(
    "%s is done and undone by anybody",
    (step) => {
      expect(mayRecord(step, [], "a")).toEqual(["done"]);
      expect(mayRecord(step, events(["done", "a"]), "b")).toEqual(["undo"]);
      expect(mayRecord(step, events(["done", "a"], ["undo", "b"]), "a")).toEqual(["done"]);
    },
  );

  test("that disables somebody is asked for, agreed to by another, and only then done", () => {
    expect(mayRecord("disable", [], "a")).toEqual(["request"]);
    expect(mayRecord("disable", events(["request", "a"]), "a")).toEqual(["undo"]);
    expect(mayRecord("disable", events(["request", "a"]), "b")).toEqual(["approve", "refuse"]);
    expect(mayRecord("disable", events(["request", "a"], ["approve", "b"]), "a")).toEqual(["done", "undo"]);
    expect(mayRecord("disable", events(["request", "a"], ["refuse", "b"]), "a")).toEqual(["request"]);
  });

  test("an agreement does not outlive its being taken back", () => {
    const history = events(["request", "a"], ["approve", "b"], ["undo", "a"]);
    expect(stepState(history)).toBe("open");
    expect(mayRecord("disable", history, "b")).toEqual(["request"]);
  });
});

const OID = "7111a1ae-bf39-453a-b56b-58bc3ecae352";
const GRAPH = "https://graph.microsoft.com";

describe("commands", () => {
  test("fit the kind of the caller", () => {
    expect(sessionCommands({ kind: "user", oid: OID }, GRAPH)[0]?.command).toBe(
      `az rest --method POST --url https://graph.microsoft.com/v1.0/users/${OID}/revokeSignInSessions`,
    );
    expect(sessionCommands({ kind: "application", oid: OID }, GRAPH)).toEqual([]);
    const command = (kind: "user" | "application" | "managed identity") =>
      disableCommands({ kind, oid: OID })[0]?.command ?? "";
    expect(command("user")).toContain("az ad user update");
    expect(command("application")).toContain("az ad sp update");
    expect(command("managed identity")).toContain("az role assignment list");
  });

  test.each(["$(reboot)", "; rm -rf /", "", "x\nreboot", `${OID}; id`])("hold nothing of a caller's own: %j", (oid) => {
    expect(sessionCommands({ kind: "user", oid }, GRAPH)).toEqual([]);
    expect(disableCommands({ kind: "user", oid })).toEqual([]);
  });

  test("rotate by kind, and never with a name that no vault can hold", () => {
    const vaultId = "/subscriptions/s/vaults/kv-shop";
    expect(rotateCommand({ vaultId, kind: "keys", name: "sign" })).toBe(
      "az keyvault key rotate --vault-name kv-shop --name sign",
    );
    expect(rotateCommand({ vaultId, kind: "secrets", name: "db" })).toMatch(/^az keyvault secret set .* --file /);
    expect(rotateCommand({ vaultId, kind: "secrets", name: "db; reboot" })).toBeUndefined();
    expect(rotateCommand({ vaultId: "/vaults/`x`", kind: "secrets", name: "db" })).toBeUndefined();
    expect(rotateCommand({ vaultId, kind: "storage", name: "db" })).toBeUndefined();
  });
});
