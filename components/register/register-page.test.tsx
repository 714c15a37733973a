import { act, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, test, vi } from "vitest";
import { fakeSession, renderInProduct, stubApi, TOKEN } from "@/components/testing/render";
import type { Finding, ImportPreview, RegisterView } from "@/lib/register/views.pure";
import { QuotaGauge } from "./quota-gauge";
import { RegisterPage } from "./register-page";

const quota = {
  used: 12_345,
  limit: 100_000,
  reserved: 5_000,
  month: "2026-11",
  resetsAt: "2026-12-01T00:00:00.000Z",
};

function finding(change: Partial<Finding> = {}): Finding {
  return {
    id: "f1",
    kind: "missing",
    vault: { name: "kv-orders", path: "/vaults/s/rg/kv-orders" },
    objectKind: "secret",
    name: "batch-reader",
    detail: "The published register has no row for it.",
    foundAt: "2026-11-22T10:00:00.000Z",
    repairing: false,
    problem: null,
    handledAt: null,
    note: null,
    ...change,
  };
}

function view(change: Partial<RegisterView> = {}): RegisterView {
  return {
    quota,
    counts: { registered: 0, planting: 1, live: 240, retiring: 2, retired: 7, failed: 0 },
    mayRepair: true,
    comparedAt: "2026-11-22T11:00:00.000Z",
    comparing: false,
    problem: null,
    vaultsLeftOut: 0,
    drift: [],
    ...change,
  };
}

const group = (...findings: Finding[]): RegisterView["drift"] => [
  { kind: findings[0]?.kind ?? "missing", total: findings.length, open: findings.length, findings },
];

function open(body: RegisterView, session = fakeSession()) {
  stubApi((path) => (path === "/api/register" ? { body } : { body: PREVIEW }));
  const done = async () => ({ ok: true as const, data: { requested: 1 } });
  const actions = {
    compare: vi.fn(done),
    repair: vi.fn(done),
    leave: vi.fn(done),
    importPublished: vi.fn(async () => ({ ok: true as const, data: { imported: 3 } })),
  };
  renderInProduct(<RegisterPage {...actions} />, { session });
  return actions;
}

const PREVIEW: ImportPreview = {
  rows: 10,
  fresh: 3,
  known: 4,
  planting: 0,
  repeated: 1,
  otherCasing: 1,
  sharedNames: 0,
  older: 9,
  problems: [{ problem: "placeholder", rows: 1 }],
};

describe("the register", () => {
  test("shows the month's changes, the honeytokens by state, and that nothing differs", async () => {
    open(view());
    const meter = await screen.findByRole("meter", { name: /2026-11/ });
    expect(meter.getAttribute("value")).toBe("12345");
    expect(screen.getByText("Live").parentElement?.textContent).toContain("240");
    screen.getByText("No difference");
  });

  test("says that there is more in vaults that the person may not read, also where nothing is shown", async () => {
    open(view({ vaultsLeftOut: 2 }));
    await screen.findByText("No difference in the vaults that you may read");
    screen.getByText("What was found in 2 vaults that you may not read is not shown.");
    expect(screen.queryByText("No difference")).toBeNull();
  });

  test("says that it was not compared yet, and compares on demand", async () => {
    const { compare } = open(view({ comparedAt: null }));
    await screen.findAllByText("Not compared yet");
    await userEvent.click(screen.getByRole("button", { name: "Compare now" }));
    expect(compare).toHaveBeenCalledWith(TOKEN, {});
  });

  test("lists a difference with its vault, and repairs it", async () => {
    const { repair } = open(view({ drift: group(finding()) }));
    const row = await screen.findByRole("row", { name: /batch-reader/ });
    expect(within(row).getByRole("link", { name: "kv-orders" }).getAttribute("href")).toBe("/vaults/s/rg/kv-orders");
    await userEvent.click(within(row).getByRole("button", { name: /Publish again/ }));
    expect(repair).toHaveBeenCalledWith(TOKEN, { id: "f1" });
  });

  test("a repair leaves the focus on the heading of its kind while there is more of it, then on the title", async () => {
    const [first, second] = [finding(), finding({ id: "f2", name: "feed-loader" })];
    const shown = { body: view({ drift: group(first, second) }) };
    const repair = vi.fn(async () => ({ ok: true as const, data: { requested: 1 } }));
    stubApi(() => shown);
    renderInProduct(<RegisterPage compare={vi.fn()} repair={repair} leave={vi.fn()} importPublished={vi.fn()} />);
    const press = async (name: string) => {
      const button = await screen.findByRole("button", { name });
      act(() => button.focus());
      await userEvent.keyboard("{Enter}");
      await waitFor(() => expect(screen.queryByRole("button", { name })).toBeNull());
    };
    await screen.findByRole("row", { name: /feed-loader/ });
    shown.body = view({ drift: group({ ...first, repairing: true }, second) });
    await press("Publish again: batch-reader in kv-orders");
    expect(document.activeElement?.textContent).toBe(
      screen.getByRole("heading", { level: 2, name: /\(2\)$/ }).textContent,
    );
    shown.body = view();
    await press("Publish again: feed-loader in kv-orders");
    expect(document.activeElement).toBe(screen.getByRole("heading", { level: 1 }));
  });

  test("what a row of the watchlist says is text, with nothing unseen in it", async () => {
    const odd = { kind: "exception_foreign" as const, objectKind: null, detail: "Its place reads <b>\u202e." };
    open(view({ drift: group(finding({ ...odd, name: "Any operation by <img src=x>\u202etxt" })) }));
    const row = await screen.findByRole("row", { name: /Any operation/ });
    expect(row.textContent).toContain("Any operation by <img src=x>‹U+202E›txt");
    expect(row.textContent).toContain("Its place reads <b>‹U+202E›.");
    expect(row.querySelector("img, b")).toBeNull();
  });

  test("repairs all of a kind only after the person has confirmed it", async () => {
    const { repair } = open(view({ drift: group(finding(), finding({ id: "f2", name: "feed-loader" })) }));
    await userEvent.click(await screen.findByRole("button", { name: "Repair all 2" }));
    expect(repair).not.toHaveBeenCalled();
    await userEvent.click(await screen.findByRole("button", { name: "Repair all" }));
    expect(repair).toHaveBeenCalledWith(TOKEN, { kind: "missing" });
  });

  test("leaves a foreign row only with a reason", async () => {
    const { leave } = open(view({ drift: group(finding({ kind: "foreign" })) }));
    await userEvent.click(await screen.findByRole("button", { name: /^Leave: / }));
    await userEvent.click(await screen.findByRole("button", { name: "Leave it" }));
    await screen.findByText("Say in a few words why it may stay.");
    await userEvent.type(screen.getByRole("textbox", { name: "Reason" }), "Team B's own");
    await userEvent.click(screen.getByRole("button", { name: "Leave it" }));
    await waitFor(() => expect(leave).toHaveBeenCalledWith(TOKEN, { id: "f1", note: "Team B's own" }));
  });

  test("offers a replacement for a broken one, and none of the buttons to an analyst", async () => {
    open(view({ mayRepair: false, drift: group(finding({ kind: "deleted" })) }));
    const row = await screen.findByRole("row", { name: /batch-reader/ });
    within(row).getByRole("link", { name: /Plan a replacement/ });
    expect(within(row).queryByRole("button")).toBeNull();
  });

  test("shows a running repair, a failed one, and what was decided", async () => {
    const findings = [
      finding({ repairing: true }),
      finding({ id: "f2", name: "feed-loader", problem: "Azure asks to slow down." }),
      finding({ id: "f3", name: "queue-sweeper", handledAt: "2026-11-22T11:00:00.000Z", note: "Known to Team B" }),
    ];
    open(view({ drift: group(...findings) }));
    expect((await screen.findByRole("row", { name: /batch-reader/ })).textContent).toContain("Repairing…");
    expect(screen.getByRole("row", { name: /feed-loader/ }).textContent).toContain("Azure asks to slow down.");
    expect(screen.getByRole("row", { name: /queue-sweeper/ }).textContent).toContain("Known to Team B");
  });

  test("shows a failure and a refusal as such, and a comparison that failed beside what is known", async () => {
    open(view({ problem: "Sentinel is away." }));
    await screen.findByText(/Sentinel is away\. What was found before is still shown\./);
    stubApi(() => ({ status: 403, body: { error: { code: "forbidden", message: "You do not have the role." } } }));
    renderInProduct(<RegisterPage compare={vi.fn()} repair={vi.fn()} leave={vi.fn()} importPublished={vi.fn()} />);
    expect((await screen.findByRole("alert")).textContent).toContain("You do not have the role.");
  });
});

describe("the import", () => {
  test("shows what would come in and why some rows would not, and writes only when confirmed", async () => {
    const { importPublished } = open(view());
    await userEvent.click(await screen.findByRole("button", { name: "Preview the import" }));
    await screen.findByText(/Placeholder row/);
    screen.getByText("Of these, in another casing");
    expect(screen.queryByText(/more than one vault/)).toBeNull();
    expect(importPublished).not.toHaveBeenCalled();
    await userEvent.click(screen.getByRole("button", { name: "Import 3 honeytokens" }));
    await screen.findByText("3 honeytokens were taken over.");
  });
});

describe("the gauge", () => {
  test.each([
    [10_000, "Enough left for bulk work."],
    [80_000, "Little left for bulk work this month."],
    [95_000, "Bulk work waits for the next month."],
  ])("says in words what %d changes mean", (used, words) => {
    renderInProduct(<QuotaGauge quota={{ ...quota, used }} />);
    screen.getByText(words);
  });
});
