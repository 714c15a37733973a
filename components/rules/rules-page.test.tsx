import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, test, vi } from "vitest";
import { renderInProduct, stubApi, TOKEN } from "@/components/testing/render";
import type { Deployed, PackRuleView } from "@/lib/rules/pack.pure";
import { RulesPage } from "./rules-page";

const ID = "5c1f7a52-0f4e-4a0e-9d0b-7a3b1de5a6c1";
const OTHER = "0b9c64b5-7d0f-4c53-9a55-6f4f0f2f6d01";

function rule(change: Partial<PackRuleView> = {}): PackRuleView {
  return {
    id: ID,
    title: "Honeytoken touched",
    description: "Somebody used a decoy.",
    kind: "NRT",
    severity: "High",
    covers: ["secret"],
    tables: ["AZKVAuditLogs"],
    state: "on",
    how: null,
    unreadable: [],
    changes: [],
    etag: '"1"',
    ...change,
  };
}

const modified = rule({
  id: OTHER,
  title: "Watch tampered with",
  state: "modified",
  how: "its query was changed",
  changes: [{ property: "query", before: "T | where '<img src=x>' == ''", after: "T" }],
  etag: '"2"',
});

function open(rules: PackRuleView[], mayDeploy = true, warnings: string[] = []) {
  stubApi(() => ({ body: { workspace: "law", rules, readAt: "2026-11-22T10:00:00.000Z", mayDeploy, warnings } }));
  const outcome: Deployed = { rules: [{ id: ID, title: "Honeytoken touched", outcome: "created", problem: null }] };
  const deploy = vi.fn(async () => ({ ok: true as const, data: outcome }));
  renderInProduct(<RulesPage deploy={deploy} />);
  return deploy;
}

describe("the rules", () => {
  test("say what somebody has changed, as text, and how that can miss something", async () => {
    open([modified]);
    const line = await screen.findByRole("row", { name: /Watch tampered/ });
    expect(line.textContent).toContain("It can miss something: its query was changed.");
    await userEvent.click(within(line).getByText("1 difference"));
    expect(line.querySelector("img")).toBeNull();
    expect(line.textContent).toContain("<img src=x>");
  });

  test("say which table no rule can read, or that this is not known", async () => {
    open(
      [rule({ unreadable: [{ table: "AZKVAuditLogs", plan: "Basic" }] }), rule({ id: OTHER, unreadable: null })],
      true,
      ["You may not list the tables."],
    );
    await screen.findByText("AZKVAuditLogs is on the Basic plan, which no rule can read.");
    await screen.findByText("The plans of its tables are unknown.");
    await screen.findByText("You may not list the tables.");
  });

  test("that are all as shipped leave nothing to deploy", async () => {
    open([rule(), rule({ id: OTHER, kind: "Scheduled", title: "Its twin", state: "spare" })]);
    await screen.findByText("Every rule in the workspace equals the shipped one.");
    expect(screen.queryByRole("button", { name: /^Deploy/ })).toBeNull();
    expect(screen.queryByRole("checkbox")).toBeNull();
  });

  test("are only read by those who may not deploy", async () => {
    open([rule({ state: "missing", etag: null }), modified], false);
    await screen.findByRole("row", { name: /Honeytoken touched/ });
    expect(screen.queryByRole("checkbox")).toBeNull();
    expect(screen.queryByRole("button", { name: /^Deploy/ })).toBeNull();
  });
});

describe("deploying", () => {
  test("takes what is missing by itself, after one question, and never what somebody has changed", async () => {
    const deploy = open([rule({ state: "missing", etag: null }), modified]);
    await userEvent.click(await screen.findByRole("button", { name: "Deploy 1 rule" }));
    await userEvent.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "Deploy" }));
    expect(deploy).toHaveBeenCalledExactlyOnceWith(TOKEN, { rules: [{ id: ID, etag: null, overwrite: false }] });
    await screen.findByText("1 rule written.");
  });

  test("replaces a changed rule only with its tick, and says so before", async () => {
    const deploy = open([modified]);
    const button = await screen.findByRole("button", { name: "Deploy" });
    expect(button.hasAttribute("disabled")).toBe(true);
    await userEvent.click(screen.getByRole("checkbox", { name: "Replace Watch tampered with" }));
    await userEvent.click(screen.getByRole("button", { name: "Deploy 1 rule" }));
    const dialog = await screen.findByRole("dialog");
    within(dialog).getByText(/what somebody has changed is lost/);
    await userEvent.click(within(dialog).getByRole("button", { name: "Deploy" }));
    expect(deploy).toHaveBeenCalledExactlyOnceWith(TOKEN, { rules: [{ id: OTHER, etag: '"2"', overwrite: true }] });
  });

  test("says of each rule why it was not written", async () => {
    const deploy = open([rule({ state: "missing", etag: null })]);
    const problem = "It was changed since this page was read.";
    deploy.mockResolvedValueOnce({
      ok: true,
      data: { rules: [{ id: ID, title: "Honeytoken touched", outcome: "refused", problem }] },
    });
    await userEvent.click(await screen.findByRole("button", { name: "Deploy 1 rule" }));
    await userEvent.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "Deploy" }));
    expect((await screen.findByRole("alert")).textContent).toContain(problem);
  });
});
