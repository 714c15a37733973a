import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, test, vi } from "vitest";
import { type Answer, renderInProduct, stubApi, TOKEN } from "@/components/testing/render";
import type { AuditRow } from "@/lib/audit/audit.pure";
import { AuditPage } from "./audit-page";

const saved = vi.hoisted(() => vi.fn());
vi.mock("@/components/ui/save-file", () => ({ saveFile: saved }));
afterEach(() => saved.mockClear());

const VAULT =
  "/subscriptions/11111111-2222-4333-8444-555555555555/resourcegroups/rg-shop/providers/microsoft.keyvault/vaults/kv-orders";

function entry(id: number, change: Partial<AuditRow> = {}): AuditRow {
  return {
    id: String(id),
    at: "2026-11-22T10:00:00.000Z",
    who: "Kim Owner",
    oid: "0c0c0c0c-0000-4000-8000-000000000002",
    action: "deployment.start",
    vaultId: VAULT,
    before: {},
    after: {},
    result: "ok",
    ...change,
  };
}

function open(answers: (path: string) => Answer | undefined, search = "") {
  const urls: string[] = [];
  const fetch = stubApi(answers);
  renderInProduct(<AuditPage />, { search, onUrlUpdate: ({ queryString }) => urls.push(queryString) });
  return { urls, asked: () => fetch.mock.calls.map(([path]) => String(path)) };
}

const page = (rows: AuditRow[], next: string | null = null, leftOut = 0): Answer => ({ body: { rows, leftOut, next } });
const lines = () => screen.findAllByRole("row", { name: /deployment|settings|grant/ });

describe("the audit page", () => {
  test("shows who did what where and how it ended, in the order of the server", async () => {
    open(() => page([entry(2, { action: "grant.give", result: "refused: no right" }), entry(1)]));
    const [first, second] = await lines();
    expect(first?.textContent).toContain("Refused");
    expect(second?.textContent).toContain("Done");
    expect(second?.textContent).toContain("Kim Owner");
    const link = within(second ?? document.body).getByRole("link", { name: "kv-orders" });
    expect(link.getAttribute("href")).toBe("/vaults/11111111-2222-4333-8444-555555555555/rg-shop/kv-orders");
    await screen.findByText("All 2 rows");
  });

  test("opens a row to the object id, the whole reason and what changed", async () => {
    const before = { decoys: { perVault: 1, keyKeywords: [] } };
    const after = { decoys: { perVault: 3, keyKeywords: [] } };
    open(() => page([entry(1, { action: "settings.change", vaultId: null, before, after, result: "failed: disk" })]));
    expect(screen.queryByText("0c0c0c0c-0000-4000-8000-000000000002")).toBeNull();
    await userEvent.click(await screen.findByRole("button", { expanded: false }));
    await screen.findByText("0c0c0c0c-0000-4000-8000-000000000002");
    await screen.findByText("Failed: disk");
    const changes = within(screen.getByRole("table", { name: "What changed" })).getAllByRole("row");
    expect(changes.map((row) => row.textContent)).toEqual(["FieldBeforeAfter", "decoys.perVault13"]);
  });

  test("asks for what the address says and for what is typed, and keeps it in the address", async () => {
    const { urls, asked } = open(() => page([entry(1)]), "?person=kim&result=refused&from=2026-11-01");
    await lines();
    expect(asked()).toEqual(["/api/audit?person=kim&result=refused&from=2026-11-01"]);
    await userEvent.type(screen.getByRole("searchbox", { name: "Vault" }), "kv-or");
    await waitFor(() => expect(asked().at(-1)).toContain("vault=kv-or"));
    // Not letter by letter.
    expect(asked().length).toBeLessThan(5);
    await waitFor(() => expect(urls.at(-1)).toContain("vault=kv-or"));
  });

  test("leaves out what an address says wrongly", async () => {
    const { asked } = open(() => page([entry(1)]), "?from=yesterday&result=fine&action=grant");
    await lines();
    expect(asked()).toEqual(["/api/audit?action=grant"]);
  });

  test("says that a last day before the first is not asked for", async () => {
    const { asked } = open(() => page([entry(1)]), "?from=2026-11-02&to=2026-11-01");
    await lines();
    screen.getByText("The last day is before the first.");
    expect(screen.getByLabelText("To (UTC)").getAttribute("aria-invalid")).toBe("true");
    expect(asked()).toEqual(["/api/audit?from=2026-11-02"]);
  });

  test("says actions in words beside their codes, and offers the codes to the search", async () => {
    open(() => page([entry(2, { action: "grant.give" }), entry(1, { action: "grant.of_an_older_version" })]));
    const [known, unknown] = await lines();
    expect(known?.textContent).toContain("Give a rightgrant.give");
    expect(unknown?.textContent).toContain("grant.of_an_older_version");
    const field = screen.getByRole("combobox", { name: "Action" });
    const offered = [...(document.getElementById(field.getAttribute("list") ?? "")?.children ?? [])];
    const give = offered.find((option) => option.getAttribute("value") === "grant.give");
    expect(give?.textContent).toBe("Give a right");
  });

  test("leads from what is about several vaults to its deployment", async () => {
    const id = "22222222-2222-4222-8222-222222222222";
    const fleet = { vaultId: null, before: { deployment: id, state: "running" }, action: "deployment.pause" };
    open(() => page([entry(2, fleet), entry(1, { vaultId: null, after: { deployment: null } })]));
    const [first, second] = await lines();
    const link = within(first ?? document.body).getByRole("link", { name: "Deployment" });
    expect(link.getAttribute("href")).toBe(`/deployments/${id}`);
    expect(within(second ?? document.body).queryByRole("link")).toBeNull();
  });

  test("says times to the second and with their zone, since the days of the search are UTC", async () => {
    open(() => page([entry(1)]));
    const [line] = await lines();
    const time = within(line ?? document.body).getByText((_, element) => element?.tagName === "TIME");
    const zone = new Intl.DateTimeFormat(undefined, { timeStyle: "long" }).format(new Date("2026-11-22T10:00:00Z"));
    expect(time.textContent).toContain(zone);
    expect(zone).toMatch(/00:00.*[A-Z]/);
  });

  test("reads older rows when asked to, and says when there are none", async () => {
    const next = "2026-11-22T10:00:00.000Z_2";
    const { asked } = open((path) => (path.includes("after=") ? page([entry(1)]) : page([entry(2)], next)));
    await screen.findByText("The newest 1 row");
    await userEvent.click(screen.getByRole("button", { name: "Show older rows" }));
    await screen.findByText("All 2 rows");
    expect(asked().at(-1)).toBe(`/api/audit?after=${encodeURIComponent(next)}`);
    expect(screen.queryByRole("button", { name: "Show older rows" })).toBeNull();
  });

  test("says that nothing matches, and clears the search", async () => {
    const { urls } = open((path) => (path.includes("person") ? page([]) : page([entry(1)])), "?person=zoe");
    await userEvent.click(await screen.findByRole("button", { name: "Clear the search" }));
    await lines();
    await waitFor(() => expect(urls.at(-1)).toBe(""));
  });

  test("says so far how many rows are about vaults that the person may not read, on pages without a row too", async () => {
    const next = "2026-11-22T10:00:00.000Z_2";
    const { asked } = open((path) => (path.includes("after=") ? page([entry(1)], null, 1) : page([], next, 100)));
    await screen.findByText("The newest 100 rows; 100 are about vaults that you may not read in Azure, and not shown");
    expect(screen.queryByText("Nothing has happened yet")).toBeNull();
    await userEvent.click(screen.getByRole("button", { name: "Show older rows" }));
    await screen.findByText("All 102 rows; 101 are about vaults that you may not read in Azure, and not shown");
    expect(await lines()).toHaveLength(1);
    expect(asked()).toHaveLength(2);
  });

  test.each([
    ["", "Of the rows that there are, 1 is about vaults that you may not read in Azure, and not shown."],
    ["?person=kim", "Of the rows that match, 1 is about vaults that you may not read in Azure, and not shown."],
  ])("does not claim that nothing is there, or hidden, where it is (%s)", async (search, sentence) => {
    open(() => page([], null, 1), search);
    await screen.findByText("No row that you may read");
    screen.getByText(sentence);
    expect(screen.queryByText(/Nothing in the audit trail is hidden/)).toBeNull();
    expect(screen.queryByRole("button", { name: "Clear the search" }) !== null).toBe(search !== "");
    expect(screen.queryByRole("button", { name: /^Export/ })).toBeNull();
  });

  test("shows a refusal as a refusal", async () => {
    const error = { code: "forbidden", message: "Your account does not have the role that this needs." };
    open(() => ({ status: 403, body: { error } }));
    expect((await screen.findByRole("alert")).textContent).toContain("does not have the role");
  });
});

describe("an export", () => {
  const next = "2026-11-22T10:00:00.000Z_2";
  const answers = (path: string): Answer => {
    if (!path.startsWith("/api/audit/export")) return page([entry(3)]);
    return path.includes("after=")
      ? page([entry(1)])
      : page([entry(3, { who: '=cmd("x")' }), entry(2, { who: "a\u202eb" })], next);
  };

  test("holds every row that the search finds as CSV, and no formula", async () => {
    const { asked } = open(answers, "?person=kim");
    await userEvent.click(await screen.findByRole("button", { name: "Export as CSV" }));
    await screen.findByText("3 rows saved");
    expect(asked().filter((path) => path.includes("export"))).toEqual([
      "/api/audit/export?person=kim",
      `/api/audit/export?person=kim&after=${encodeURIComponent(next)}`,
    ]);
    const [name, , parts] = saved.mock.calls[0] ?? [];
    expect(name).toMatch(/^audit-\d{4}-\d\d-\d\d\.csv$/);
    const text = parts.join("").split("\r\n");
    expect(text).toHaveLength(5);
    expect(text[0]).toBe("time,who,object id,action,vault,result,before,after");
    expect(text[1]).toContain(`"'=cmd(""x"")"`);
    expect(text[2]).toContain(",a‹U+202E›b,");
  });

  test("is one JSON list of all rows", async () => {
    open(answers);
    await userEvent.click(await screen.findByRole("button", { name: "Export as JSON" }));
    await screen.findByText("3 rows saved");
    const parsed = JSON.parse(saved.mock.calls[0]?.[2].join(""));
    expect(parsed.map(({ id }: AuditRow) => id)).toEqual(["3", "2", "1"]);
  });

  test("says how many rows were left out, and is whole also where a page of it is about such vaults alone", async () => {
    const pages = [page([entry(5)], next, 2), page([], "2026-11-22T10:00:00.000Z_1", 3), page([entry(1)])];
    open((path) => (path.startsWith("/api/audit/export") ? pages.shift() : page([entry(5)])));
    await userEvent.click(await screen.findByRole("button", { name: "Export as JSON" }));
    await screen.findByText("2 rows saved; 5 left out, about vaults that you may not read in Azure");
    const parsed = JSON.parse(saved.mock.calls[0]?.[2].join(""));
    expect(parsed.map(({ id }: AuditRow) => id)).toEqual(["5", "1"]);
  });

  test("that breaks off saves nothing and says why", async () => {
    const error = { code: "unavailable", message: "The database does not answer." };
    open((path) => (path.includes("after=") ? { status: 503, body: { error } } : answers(path)));
    await userEvent.click(await screen.findByRole("button", { name: "Export as CSV" }));
    await screen.findByText("The database does not answer.");
    expect(saved).not.toHaveBeenCalled();
  });
});

test("the token of the person goes with every request", async () => {
  const fetch = stubApi(() => page([entry(1)]));
  renderInProduct(<AuditPage />);
  await lines();
  expect(fetch.mock.calls[0]?.[1]).toMatchObject({ headers: { authorization: `Bearer ${TOKEN}` } });
});
