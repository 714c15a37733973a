import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, test, vi } from "vitest";
import type { ChangeSettings } from "@/components/settings/use-settings";
import { renderInProduct, stubApi, TOKEN } from "@/components/testing/render";
import { board, row } from "@/components/testing/samples";
import type { RecommendationPlaces, ScopeView } from "@/lib/distribution/deploy.pure";
import { FAMILIAR_NAMES, NEUTRAL_NAMES } from "@/lib/distribution/policies.pure";
import { DEFAULT_SETTINGS, type RecommendationSettings, type SettingsView } from "@/lib/settings/settings.pure";
import { RecommendationPage } from "./recommendation-page";
import { RepairCard } from "./repair-card";
import type { DeployRecommendation, Evaluate } from "./use-recommendation";

const SCOPE = "/providers/Microsoft.Management/managementGroups/contoso";
const SUBSCRIPTION = row().subscriptionId;
const PLACES: RecommendationPlaces = {
  places: [
    { id: SCOPE, name: "Contoso", kind: "managementGroup" },
    { id: `/subscriptions/${SUBSCRIPTION}`, name: "Production", kind: "subscription" },
  ],
  warnings: [],
  tagProblems: [],
};
const AT = "2026-11-22T10:00:00.000Z";

function scope(change: Partial<ScopeView> = {}): ScopeView {
  return {
    steps: [
      { name: "tagPolicy", state: "done", detail: "" },
      { name: "tagRole", state: "missing", detail: "It follows the assignment." },
    ],
    missingRights: [],
    compliance: [],
    complianceProblem: "The initiative is not assigned here.",
    ...change,
  };
}

function open(change: Partial<RecommendationSettings> = {}, view = scope(), more: Partial<SettingsView> = {}) {
  const settings = { ...DEFAULT_SETTINGS, recommendation: { ...DEFAULT_SETTINGS.recommendation, ...change } };
  const others = { decoys: null, deployments: null, newVaults: null, webhook: null, drills: null };
  const changed = { ...others, recommendation: null };
  const server: SettingsView = { settings, changed, mayChange: true, ...more };
  stubApi((path) => {
    if (path === "/api/settings") return { body: server };
    if (path === "/api/recommendation") return { body: PLACES };
    if (path.startsWith("/api/recommendation/scope?")) return { body: view };
    return path === "/api/vaults"
      ? { body: board([row(), row({ name: "kv-2", location: "northeurope" }), row({ name: "kv-3" })]) }
      : undefined;
  });
  const save = vi.fn<ChangeSettings>(async () => ({ ok: true, data: { changed: true } }));
  const deploy = vi.fn<DeployRecommendation>(async () => ({
    ok: true,
    data: {
      steps: [
        { name: "tagPolicy", outcome: "unchanged", detail: "" },
        { name: "tagRole", outcome: "failed", detail: "Could not give the role." },
        { name: "remediation", outcome: "skipped", detail: "A step before it failed." },
      ],
    },
  }));
  const evaluate = vi.fn<Evaluate>(async () => ({ ok: true, data: { asked: 1 } }));
  const search = `?${new URLSearchParams({ scope: SCOPE })}`;
  renderInProduct(<RecommendationPage change={save} deploy={deploy} evaluate={evaluate} />, { search });
  return { save, deploy, evaluate };
}

const textIn = (element: HTMLElement) => (element instanceof HTMLTextAreaElement ? element.value : "");
const region = async (name: string) => within(await screen.findByRole("region", { name }));

describe("names and texts", () => {
  test("are neutral until somebody wants others, and the address is the product's own view", async () => {
    const { save } = open();
    const names = await region("Names and texts");
    names.getByText("KeyVaultReview");
    expect(names.getByLabelText(/^Address/)).toHaveProperty(
      "value",
      `${window.location.origin}/vaults?mine=true&sort=flagged&grouped=false`,
    );
    await userEvent.click(names.getByLabelText(/^In use/));
    await userEvent.click(names.getByLabelText(/Microsoft's earlier solution/));
    await userEvent.click(names.getByRole("button", { name: "Save" }));
    const value = { inUse: true, names: FAMILIAR_NAMES, link: null, keepTag: false };
    await waitFor(() => expect(save).toHaveBeenCalledWith(TOKEN, { group: "recommendation", value, basedOn: null }));
  });

  test("of one's own are said to be wrong at their field, and not sent", async () => {
    const { save } = open();
    const names = await region("Names and texts");
    await userEvent.click(names.getByLabelText("Names of your own"));
    const tag = names.getByLabelText("Tag");
    await userEvent.clear(tag);
    await userEvent.type(tag, "<b>");
    await userEvent.click(names.getByRole("button", { name: "Save" }));
    names.getByText(/No quotes, brackets/);
    expect(save).not.toHaveBeenCalled();
  });
});

describe("deploying", () => {
  test("asks first, says what, and reports each part; a part that failed is not hidden", async () => {
    const { deploy } = open({ inUse: true });
    const azure = await region("In Azure");
    await azure.findByRole("list", { name: "What stands there now" });
    await waitFor(() => expect(azure.getByLabelText(/^Region/)).toHaveProperty("value", "westeurope"));
    await userEvent.click(azure.getByRole("button", { name: "Deploy what is missing" }));
    const dialog = within(await screen.findByRole("dialog"));
    dialog.getByText("Role Tag Contributor for that identity");
    expect(deploy).not.toHaveBeenCalled();
    await userEvent.click(dialog.getByRole("button", { name: "Deploy" }));
    await azure.findByText("Deployed in part");
    expect(deploy).toHaveBeenCalledWith(TOKEN, { scope: SCOPE, location: "westeurope" });
    const done = within(azure.getByRole("list", { name: "What was done" }));
    expect(done.getAllByRole("listitem").map(({ textContent }) => textContent)).toEqual([
      "Definition of the tag policyNothing to do",
      "Role Tag Contributor for that identityCould not give the role.Failed",
      "Tags for the vaults that are there alreadyA step before it failed.Not tried",
    ]);
  });

  test("that is refused is tried again by its own button only, which asks first", async () => {
    const { deploy } = open({ inUse: true });
    deploy.mockResolvedValue({ ok: false, error: { code: "forbidden", message: "You may not assign policies here." } });
    const azure = await region("In Azure");
    await waitFor(() => expect(azure.getByLabelText(/^Region/)).toHaveProperty("value", "westeurope"));
    await userEvent.click(azure.getByRole("button", { name: "Deploy what is missing" }));
    await userEvent.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "Deploy" }));
    await azure.findByText(/You may not assign policies here/);
    expect(azure.queryByRole("button", { name: "Try again" })).toBeNull();
    expect(azure.getByRole("button", { name: "Deploy what is missing" })).toHaveProperty("disabled", false);
  });

  test("is not possible before it is in use, and missing rights are named", async () => {
    open({}, scope({ missingRights: ["You may not assign policies here. Ask for the role."] }));
    const azure = await region("In Azure");
    await azure.findByText(/You may not assign policies here/);
    expect(azure.getByRole("button", { name: "Deploy what is missing" })).toHaveProperty("disabled", true);
  });

  test("is not offered to analysts, who may read", async () => {
    open({ inUse: true }, scope(), { mayChange: false });
    const azure = await region("In Azure");
    await azure.findByRole("list", { name: "What stands there now" });
    expect(azure.queryByRole("button")).toBeNull();
  });
});

test("the vaults are followed by subscription, and an evaluation is asked for and then waited for", async () => {
  const one = {
    subscriptionId: SUBSCRIPTION,
    subscription: "Production",
    vaults: 12,
    flagged: 7,
    compliant: 4,
    others: 1,
  };
  const free = { ...one, oldest: AT, scan: null };
  const busy = { ...one, subscriptionId: "s2", subscription: "Test", oldest: AT, scan: { askedAt: AT, by: "Sam" } };
  const { evaluate } = open({}, scope({ compliance: [free, busy], complianceProblem: null }));
  const table = within(await screen.findByRole("region", { name: "How the vaults stand" }));
  expect(table.getByRole("row", { name: /^Production/ }).textContent).toMatch(/7 of 124.*1 exempt or not evaluated/);
  expect(table.getByRole("row", { name: /^Test/ }).textContent).toContain("Evaluating, asked for by Sam");
  await userEvent.click(table.getByRole("button", { name: "Evaluate now" }));
  await waitFor(() => expect(evaluate).toHaveBeenCalledWith(TOKEN, { subscriptionIds: [SUBSCRIPTION] }));
});

test("each part can be read as it would be written", async () => {
  open();
  const texts = await region("What it consists of");
  const part = texts.getByLabelText("Part");
  expect(textIn(texts.getByRole("textbox", { name: "Audit policy" }))).toContain('"notEquals": "Reviewed"');
  await userEvent.selectOptions(part, "Initiative");
  expect(textIn(texts.getByRole("textbox", { name: "Initiative" }))).toContain(`${SCOPE}/providers/Microsoft.Auth`);
  await userEvent.selectOptions(part, "Custom recommendation for Defender CSPM");
  expect(textIn(texts.getByRole("textbox", { name: /^Custom/ }))).toContain("RawEntityMetadata");
});

describe("a template that somebody has", () => {
  const show = () => renderInProduct(<RepairCard needsReview={NEUTRAL_NAMES.needsReview} />);
  const enter = async (text: string) => {
    await userEvent.click(screen.getByLabelText("Template"));
    await userEvent.paste(text);
    await userEvent.click(screen.getByRole("button", { name: "Look it through" }));
  };

  test("is repaired, with both faults explained and their place", async () => {
    show();
    await enter(JSON.stringify({ policyRule: { if: { value: "tags[KVReview]", notEquals: "ReviewNeeded" } } }));
    expect(within(screen.getByRole("list", { name: "Faults" })).getAllByRole("listitem")).toHaveLength(2);
    expect(textIn(screen.getByRole("textbox", { name: "Repaired template" }))).toContain('"equals": "ReviewNeeded"');
    screen.getByRole("button", { name: "Download repaired.json" });
  });

  test("that is no JSON is said to be none", async () => {
    show();
    await enter("{ policyRule: <script>");
    expect(screen.getByText(/^This is not JSON/)).toBeDefined();
    expect(screen.queryByRole("textbox", { name: "Repaired template" })).toBeNull();
  });

  test("from a file that is too long is not read", async () => {
    show();
    const file = new File(["x".repeat(4_000_001)], "long.json", { type: "application/json" });
    await userEvent.upload(screen.getByLabelText("Open a file"), file);
    await screen.findByText(/longer than 1.000.000 characters/);
  });

  test("without the faults is said to be sound", async () => {
    show();
    await enter('{"policyRule":{"if":{"field":"tags[\'KVReview\']","notEquals":"Reviewed"}}}');
    screen.getByText("Neither of the two faults is in it.");
  });
});
