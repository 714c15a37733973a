import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, test, vi } from "vitest";
import { fakeSession, renderInProduct, stubApi, TOKEN } from "@/components/testing/render";
import { detail, row, vaultProgress } from "@/components/testing/samples";
import type { VaultDetail } from "@/lib/coverage/board.pure";
import { type PlantPreview, STEPS } from "@/lib/deployments/plan.pure";
import type { VaultProgress } from "@/lib/deployments/views.pure";
import { VaultPage } from "./vault-page";

const push = vi.fn();
vi.mock("next/navigation", () => ({ useRouter: () => ({ push }) }));

const ADDRESS = { subscription: "11111111-2222-4333-8444-555555555555", group: "rg-shop", name: "kv-orders" };
const PREVIEW: PlantPreview = {
  steps: STEPS.map(({ name, title }) => ({ name, title, detail: "" })),
  blocked: [],
  acceptable: false,
  warnings: [],
};

const NO_DRILLS = { drills: [], mayDrill: true, mayDrillReason: null, lateAfter: 1_500_000, failsAfter: 7_200_000 };

interface Server {
  vault: VaultDetail;
  preview: PlantPreview;
  progress: VaultProgress;
}

function open(change: Partial<Server> = {}) {
  const server: Server = { vault: detail(), preview: PREVIEW, progress: vaultProgress(3), ...change };
  const fetch = stubApi((path) => {
    if (path.startsWith("/api/vaults/")) return { body: server.vault };
    if (path.startsWith("/api/drills/")) return { body: NO_DRILLS };
    if (path.startsWith("/api/plan?")) return { body: server.preview };
    const asked = `/api/deployments/d1/vault?${new URLSearchParams({ vaultId: row().id })}`;
    if (path === asked) return { body: server.progress };
    if (path === "/api/plan/defaults") return { body: { spreadHours: 0 } };
    return undefined;
  });
  const actions = {
    plant: vi.fn(async () => ({ ok: true as const, data: { id: "d1" } })),
    previewNamed: vi.fn(async () => ({ ok: true as const, data: server.preview })),
    enableAuditLog: vi.fn(async () => ({ ok: true as const, data: { setting: "audit-to-sentinel" } })),
    refresh: vi.fn(async () => ({ ok: true as const, data: {} })),
    addException: vi.fn(async () => ({ ok: true as const, data: { id: "e1" } })),
    endException: vi.fn(async () => ({ ok: true as const, data: { id: "e1" } })),
    plan: vi.fn(async () => ({ ok: true as const, data: { id: "p1" } })),
    startDrill: vi.fn(async () => ({ ok: true as const, data: { id: "r1" } })),
    markReviewed: vi.fn(async () => ({ ok: true as const, data: { written: true } })),
  };
  const show = (own: Partial<Parameters<typeof VaultPage>[0]> = {}, roles = ["Administrator"]) =>
    renderInProduct(<VaultPage address={ADDRESS} {...actions} {...own} />, { session: fakeSession({ roles }) });
  return { server, actions, fetch, show };
}

let decoys = 0;
/** A live honeytoken as the server shows it to those who may see names. */
function decoy(change: Partial<NonNullable<VaultDetail["decoys"]>[number]>) {
  const id = `00000000-0000-4000-8000-${String(++decoys).padStart(12, "0")}`;
  const own = { id, kind: "secret" as const, name: "BillingExport", state: "live" };
  return { ...own, broken: null, plantedAt: null, recoverableUntil: null, ...change };
}

const button = (name: string | RegExp) => screen.findByRole("button", { name });

describe("one vault", () => {
  test("says its state and why, and the facts with what to do about each", async () => {
    open().show();
    await screen.findByRole("heading", { level: 1, name: "kv-orders" });
    await screen.findByText("Not protected");
    const fact = (await screen.findByRole("heading", { name: "In the register" })).closest("li");
    expect(fact?.textContent).toContain("No");
    expect(within(fact ?? document.body).getByRole("link", { name: "Plant a honeytoken." })).toBeDefined();
  });

  test("that is not there, or not visible, says so and leads back", async () => {
    const { actions } = open();
    stubApi(() => ({ status: 404, body: { error: { code: "not_found", message: "There is no vault kv-orders." } } }));
    renderInProduct(<VaultPage address={ADDRESS} {...actions} />);
    expect((await screen.findByRole("alert")).textContent).toContain("There is no vault kv-orders.");
    expect(screen.getByRole("link", { name: "Go to the vaults" })).toBeDefined();
  });

  test("shows honeytokens by name, and leads to the incidents, only when the server sends the names", async () => {
    const { show, server } = open();
    const { unmount } = show();
    await screen.findByText("What this state rests on");
    expect(screen.queryByText("Honeytokens in this vault")).toBeNull();
    expect(screen.queryByRole("link", { name: "Incidents about kv-orders" })).toBeNull();
    unmount();
    server.vault = detail({
      decoys: [decoy({ name: "BillingExport" }), decoy({ name: "was-there", broken: "deleted" })],
    });
    const again = show();
    await screen.findByRole("rowheader", { name: "BillingExport" });
    expect(screen.getByRole("row", { name: /was-there/ }).textContent).toMatch(/deleted/);
    const incidents = screen.getByRole("link", { name: "Incidents about kv-orders" });
    const [path, query] = (incidents.getAttribute("href") ?? "").split("?");
    expect([path, new URLSearchParams(query).getAll("vault")]).toEqual(["/incidents", [server.vault.vault.id]]);
    again.unmount();
    const gone = { name: "ledger-cmk", state: "retiring", recoverableUntil: "2027-02-20T10:00:00.000Z" };
    server.vault = detail({ decoys: [decoy(gone)] });
    show();
    const line = await screen.findByRole("row", { name: /ledger-cmk/ });
    expect(line.textContent).toMatch(/recoverable until .*2027/);
    // What is on its way out already is not taken out again.
    expect(screen.queryByRole("button", { name: /^(Replace|Remove)/ })).toBeNull();
  });

  test("plans the replacement of one honeytoken, or of all, and leads to the plan", async () => {
    const { show, server, actions } = open();
    const [first, second] = [decoy({ name: "BillingExport" }), decoy({ name: "ledger-cmk" })];
    server.vault = detail({ decoys: [first, second, decoy({ name: "old", state: "retiring" })] });
    show();
    await button("Replace all 2…");
    await userEvent.click(screen.getByRole("checkbox", { name: "ledger-cmk" }));
    await userEvent.click(await button("Replace 1 of 2…"));
    await screen.findByRole("dialog", { name: "Plan the replacement of 1 honeytoken" });
    await userEvent.click(await button("Make the plan"));
    await waitFor(() => expect(push).toHaveBeenCalledWith("/deployments/p1"));
    expect(actions.plan).toHaveBeenCalledWith(TOKEN, {
      operation: "replace",
      selection: { by: "vaults", vaultIds: [row().id] },
      decoyIds: [second.id],
      kind: "auto",
      addToExisting: false,
      acceptUnknownReaders: false,
      history: false,
    });
  });

  test("plans the removal of the only honeytoken without asking which", async () => {
    const { show, server, actions } = open();
    const only = decoy({ name: "BillingExport" });
    server.vault = detail({ decoys: [only] });
    show();
    await userEvent.click(await button("Remove…"));
    expect(screen.queryByRole("checkbox", { name: "BillingExport" })).toBeNull();
    await userEvent.click(await button("Make the plan"));
    await waitFor(() =>
      expect(actions.plan).toHaveBeenCalledWith(
        TOKEN,
        expect.objectContaining({ operation: "retire", decoyIds: [only.id] }),
      ),
    );
  });

  test("offers an analyst to replace and remove only where Azure lets that person write", async () => {
    const { show, server } = open();
    const decoys = [decoy({ name: "BillingExport" }), decoy({ name: "ledger-cmk" })];
    const { may } = detail();
    server.vault = detail({ decoys, may: { ...may, plant: false, plantReason: "You may not write here." } });
    const { unmount } = show({}, ["SOC analyst"]);
    await screen.findByRole("rowheader", { name: "BillingExport" });
    await screen.findByText("You may not write here.");
    expect(screen.queryByRole("button", { name: /^(Replace|Remove)/ })).toBeNull();
    expect(screen.queryByRole("checkbox", { name: "BillingExport" })).toBeNull();
    unmount();
    server.vault = detail({ decoys, may });
    show({}, ["SOC analyst"]);
    await button("Replace all 2…");
    await button("Remove all 2…");
  });

  test("is checked again on request, as the person who asks", async () => {
    const { show, actions } = open();
    show();
    await userEvent.click(await button("Check again"));
    await screen.findByText("Checked just now");
    expect(actions.refresh).toHaveBeenCalledWith(TOKEN, { vaultId: row().id });
  });
});

describe("planting", () => {
  test("previews the steps, plants on confirmation, and shows the steps as they go", async () => {
    const { show, actions } = open();
    show();
    await userEvent.click(await button("Preview the steps"));
    await screen.findByText(STEPS[4].title);
    expect(actions.plant).not.toHaveBeenCalled();
    await userEvent.click(await button("Plant 1 honeytoken secret"));
    await screen.findByText(/3 of 9 steps done/);
    expect(actions.plant).toHaveBeenCalledWith(TOKEN, {
      vaultId: row().id,
      kind: "secret",
      count: 1,
      acceptUnknownReaders: false,
    });
    expect(screen.getByText("Asked twice so far.")).toBeDefined();
  });

  test("asks for the kind and number that were chosen", async () => {
    const { show, actions } = open();
    show();
    await userEvent.click(await screen.findByRole("radio", { name: /^Key/ }));
    await userEvent.selectOptions(screen.getByRole("combobox", { name: "How many" }), "3");
    await userEvent.click(await button("Preview the steps"));
    await userEvent.click(await button("Plant 3 honeytoken keys"));
    await waitFor(() =>
      expect(actions.plant).toHaveBeenCalledWith(
        TOKEN,
        expect.objectContaining({ vaultId: row().id, kind: "key", count: 3 }),
      ),
    );
  });

  test("a reader is told whom to ask, and is offered nothing", async () => {
    const may = { ...detail().may, plant: false, plantReason: "Ask an administrator to plant here." };
    open({ vault: detail({ may }) }).show();
    await screen.findByText("Ask an administrator to plant here.");
    expect(screen.queryByRole("button", { name: "Preview the steps" })).toBeNull();
    expect(screen.queryByRole("link", { name: "Plant a honeytoken." })).toBeNull();
  });

  test("a refusal by the action is shown beside the confirmation, and nothing counts as planted", async () => {
    const { show } = open();
    const refused = { ok: false as const, error: { code: "forbidden" as const, message: "You may not plant here." } };
    show({ plant: async () => refused });
    await userEvent.click(await button("Preview the steps"));
    await userEvent.click(await button("Plant 1 honeytoken secret"));
    expect((await screen.findByRole("alert")).textContent).toContain("You may not plant here.");
    expect(screen.queryByText(/steps done/)).toBeNull();
  });

  test("a plan that cannot be carried out gives its reasons and no button to plant", async () => {
    const blocked = ["The name is taken.", "The vault is full."];
    open({ preview: { ...PREVIEW, blocked } }).show();
    await userEvent.click(await button("Preview the steps"));
    const alert = await screen.findByRole("alert");
    for (const reason of blocked) expect(alert.textContent).toContain(reason);
    expect(screen.queryByRole("button", { name: /^Plant/ })).toBeNull();
  });

  test("a risk is taken only by the person's own word, and then goes along with the request", async () => {
    const risk = "The log holds 3 days of this vault.";
    const { server, show, actions, fetch } = open({ preview: { ...PREVIEW, blocked: [risk], acceptable: true } });
    show();
    await userEvent.click(await button("Preview the steps"));
    expect((await screen.findByRole("alert")).textContent).toContain(risk);
    expect(screen.queryByRole("button", { name: /^Plant/ })).toBeNull();
    server.preview = { ...PREVIEW, warnings: [`Accepted risk: ${risk}`] };
    await userEvent.click(await button("Accept this risk"));
    await screen.findByText(`Accepted risk: ${risk}`);
    expect(fetch.mock.calls.some(([url]) => String(url).includes("acceptUnknownReaders=true"))).toBe(true);
    await userEvent.click(await button("Plant 1 honeytoken secret"));
    await waitFor(() =>
      expect(actions.plant).toHaveBeenCalledWith(TOKEN, expect.objectContaining({ acceptUnknownReaders: true })),
    );
  });

  test("an administrator may choose a name for one, and an impossible one is refused at its field", async () => {
    const { show, actions, fetch } = open({ vault: detail({ may: { ...detail().may, nameDecoys: true } }) });
    show();
    const name = await screen.findByRole("textbox", { name: "Name" });
    await userEvent.type(name, "not a name!");
    await userEvent.click(await button("Preview the steps"));
    await screen.findByText(/no dots, spaces or underscores/);
    expect(name.getAttribute("aria-invalid")).toBe("true");
    await userEvent.clear(name);
    await userEvent.type(name, "orders-export-key");
    await userEvent.click(await button("Preview the steps"));
    await userEvent.click(await button("Plant 1 honeytoken secret"));
    const chosen = expect.objectContaining({ name: "orders-export-key" });
    expect(actions.previewNamed).toHaveBeenCalledWith(TOKEN, chosen);
    expect(actions.plant).toHaveBeenCalledWith(TOKEN, chosen);
    // Addresses end in logs that people read who may not know the name.
    expect(JSON.stringify(fetch.mock.calls)).not.toContain("orders-export-key");
  });

  test("an owner is not asked for a name", async () => {
    open().show();
    await button("Preview the steps");
    expect(screen.queryByRole("textbox", { name: "Name" })).toBeNull();
  });

  const UNDER_WAY = [{ id: "d1", state: "running", createdAt: "2026-11-22T10:00:00.000Z", opens: true }];

  test("a deployment that is under way is shown to whoever opens the page, and led to", async () => {
    open({ vault: detail({ deployments: UNDER_WAY }) }).show();
    await screen.findByText(/3 of 9 steps done/);
    expect(screen.queryByRole("button", { name: "Preview the steps" })).toBeNull();
    expect(screen.getByRole("link", { name: "Open this deployment" }).getAttribute("href")).toBe("/deployments/d1");
  });

  test("a vault that waits in a deployment of many says what it waits for", async () => {
    const deployments = UNDER_WAY.map((one) => ({ ...one, state: "queued" }));
    const progress = vaultProgress(0, { spreadHours: 3 }, { state: "queued" });
    const { server, show } = open({ vault: detail({ deployments }), progress });
    const { unmount } = show();
    await screen.findByText("Queued: it waits for its own moment; writing is spread over 3 hours.");
    expect(screen.queryByRole("button", { name: "Preview the steps" })).toBeNull();
    unmount();
    server.progress = vaultProgress(0, { state: "paused" }, { state: "queued" });
    show();
    await screen.findByText("Queued: its deployment is paused.");
  });

  test("nothing leads to a deployment that the person may not open, and its state is told all the same", async () => {
    const deployments = UNDER_WAY.map((one) => ({ ...one, opens: false }));
    open({ vault: detail({ deployments }), progress: vaultProgress(3, { opens: false }) }).show();
    await screen.findByText(/3 of 9 steps done/);
    screen.getByText(/a deployment in several vaults that somebody else started/);
    const history = screen.getByRole("region", { name: "Deployments" });
    expect(history.textContent).toContain("Running");
    const links = screen.getAllByRole("link").map((link) => link.getAttribute("href") ?? "");
    expect(links.filter((href) => href.startsWith("/deployments/"))).toEqual([]);
  });

  test("a removal that is done is not called planted", async () => {
    const progress = vaultProgress(9, { operation: "retire" }, { state: "done" });
    open({ vault: detail({ deployments: UNDER_WAY }), progress }).show();
    await screen.findByText("Remove. Done: every step is finished.");
    expect(screen.queryByText("Planted")).toBeNull();
  });

  test("a deployment that stopped says why and lets the person start again", async () => {
    const problem = "The vault's firewall refused the write.";
    open({ progress: vaultProgress(4, { state: "failed" }, { state: "failed", problem }) }).show();
    await userEvent.click(await button("Preview the steps"));
    await userEvent.click(await button("Plant 1 honeytoken secret"));
    expect((await screen.findByRole("alert")).textContent).toContain(problem);
    await userEvent.click(await button("Start again"));
    await button("Preview the steps");
  });
});

describe("a vault that logs nowhere", () => {
  const facts: VaultDetail["facts"] = [
    { name: "auditLog", outcome: "fail", reason: "audit_off", evidence: "", checkedAt: null },
  ];

  test("offers the audit log first, and says what is written before it is written", async () => {
    const { show, actions } = open({ vault: detail({ facts }) });
    show();
    const offer = await button("Switch on the audit log");
    expect(screen.queryByRole("button", { name: "Preview the steps" })).toBeNull();
    await userEvent.click(offer);
    const dialog = await screen.findByRole("dialog");
    expect(dialog.textContent).toContain("One diagnostic setting is added");
    expect(actions.enableAuditLog).not.toHaveBeenCalled();
    await userEvent.click(within(dialog).getByRole("button", { name: "Switch on" }));
    await screen.findByText(/audit-to-sentinel was added/);
    expect(actions.enableAuditLog).toHaveBeenCalledWith(TOKEN, { vaultId: row().id });
  });

  test("tells a person who may not change it whom to ask", async () => {
    const may = { ...detail().may, changeLogging: false, changeLoggingReason: "Ask the owner of the vault." };
    open({ vault: detail({ facts, may }) }).show();
    await screen.findByText("Ask the owner of the vault.");
    expect(screen.queryByRole("button", { name: "Switch on the audit log" })).toBeNull();
  });
});
