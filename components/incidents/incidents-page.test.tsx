import { act, fireEvent, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Answer, renderInProduct, stubApi } from "@/components/testing/render";
import type { IncidentList } from "@/lib/incidents/list.pure";
import { alertRow, incidentList, incidentRow } from "@/lib/incidents/testing/samples.pure";
import { IncidentsPage } from "./incidents-page";

// Drawing a chart is the chart library's business; its figures are in the table behind it.
vi.mock("@/components/charts/touch-charts", () => ({ TimeChart: () => null, RankChart: () => null }));

const SUBSCRIPTION = "11111111-2222-4333-8444-555555555555";
const VAULT = `/subscriptions/${SUBSCRIPTION}/resourcegroups/rg/providers/microsoft.keyvault/vaults/kv-orders`;
const NOW = "2026-11-22T10:05:00.000Z";
const FIRST = incidentRow({ id: "first", number: 1, title: "Touched in kv-orders", severity: "High" });
const SECOND = incidentRow({
  id: "second",
  number: 2,
  title: "Key read in kv-lab",
  severity: "Low",
  status: "Closed",
  classification: "BenignPositive",
  owner: "Sam Analyst",
  createdAt: "2026-11-21T10:00:00Z",
});
const LIST = incidentList({
  vaults: [VAULT],
  incidents: [FIRST, SECOND],
  alerts: [
    alertRow({
      incident: "first",
      at: NOW,
      vaults: [0],
      callers: ["mallory@contoso.test"],
      decoys: ["orders-db-password"],
      operations: ["SecretGet"],
      touches: 3,
    }),
  ],
});

let answer: (path: string) => Answer;
function open(first: IncidentList | Answer = LIST, search = "") {
  answer = () => ("body" in first ? first : { body: first });
  const urls: string[] = [];
  const asked = stubApi((path) => {
    if (path === "/api/subscriptions") return { body: { names: { [SUBSCRIPTION]: "Orders production" } } };
    return path.startsWith("/api/incidents?") ? answer(path) : undefined;
  });
  renderInProduct(<IncidentsPage />, { search, onUrlUpdate: ({ queryString }) => urls.push(queryString) });
  return { asked, urls };
}

const table = () => screen.findByRole("table", { name: "Incidents" });
const titles = async () =>
  within(await table())
    .getAllByRole("link")
    .map((link) => link.textContent);

beforeEach(() => {
  vi.setSystemTime(NOW);
});
afterEach(() => {
  vi.useRealTimers();
  localStorage.clear();
});

describe("the list", () => {
  test("says of each incident what happened, how grave it is, and how it stands, in words", async () => {
    open();
    const row = within(await table()).getByRole("row", { name: /Touched in kv-orders/ });
    for (const words of [
      "#1",
      "SecretGet on orders-db-password",
      "High",
      "New",
      "kv-orders",
      "mallory@contoso.test",
      "Nobody yet",
    ])
      expect(row.textContent).toContain(words);
    const closed = within(await table()).getByRole("row", { name: /Key read/ });
    for (const words of ["Low", "Closed", "Benign positive", "Sam Analyst"])
      expect(closed.textContent).toContain(words);
    expect(screen.getByRole("link", { name: "Touched in kv-orders" }).getAttribute("href")).toBe("/incidents/first");
  });

  test("opens as its address says, and a filter goes into the address", async () => {
    const { urls, asked } = open(LIST, "?days=7&severity=Low");
    expect(await titles()).toEqual(["Key read in kv-lab"]);
    expect(String(asked.mock.calls[0]?.[0])).toBe("/api/incidents?days=7");
    await userEvent.selectOptions(screen.getByRole("combobox", { name: "Severity" }), "High");
    expect(await titles()).toEqual(["Touched in kv-orders"]);
    await vi.waitFor(() => expect(urls.at(-1)).toBe("?days=7&severity=High"), { timeout: 30_000 });
    await userEvent.selectOptions(screen.getByRole("combobox", { name: "Time range" }), "Last 90 days");
    await vi.waitFor(() => expect(String(asked.mock.calls.at(-1)?.[0])).toBe("/api/incidents?days=90"));
  });

  test("finds while typing, and offers the way back", async () => {
    open();
    await table();
    await userEvent.type(screen.getByRole("searchbox", { name: "Search incidents" }), "password");
    await vi.waitFor(async () => expect(await titles()).toEqual(["Touched in kv-orders"]), { timeout: 30_000 });
    expect(screen.getByText("1 incident of 2")).toBeDefined();
    await userEvent.type(screen.getByRole("searchbox", { name: "Search incidents" }), "-nothing");
    await screen.findByText("No incident matches");
    await userEvent.click(screen.getAllByRole("button", { name: "Clear filters" })[0] ?? document.body);
    await vi.waitFor(async () => expect(await titles()).toHaveLength(2), { timeout: 30_000 });
  });

  test("draws only the rows near the window of five thousand", async () => {
    const incidents = Array.from({ length: 5_000 }, (_, index) => incidentRow({ id: `i${index}` }));
    open(incidentList({ incidents }));
    expect((await table()).getAttribute("aria-rowcount")).toBe("5001");
    expect(within(await table()).getAllByRole("row").length).toBeLessThan(100);
  });

  test("a subscription is chosen by its name", async () => {
    open();
    await table();
    const filter = screen.getByRole("combobox", { name: "Subscription" });
    await within(filter).findByRole("option", { name: "Orders production (1)" });
  });

  test("alerts that are about no touch draw no empty charts", async () => {
    open(incidentList({ incidents: [FIRST], alerts: [alertRow({ incident: "first", at: NOW, touches: 0 })] }));
    await table();
    expect(screen.queryByRole("figure")).toBeNull();
  });

  test("a chart without a bar is its words alone", async () => {
    const touched = alertRow({ incident: "first", at: NOW, operations: ["SecretGet"], decoys: ["x"], touches: 2 });
    open(incidentList({ incidents: [FIRST], alerts: [touched] }));
    await table();
    expect(screen.getByRole("figure", { name: "Vaults with the most touches" }).textContent).toContain(
      "None in this time",
    );
    expect(screen.queryByRole("button", { name: "Show as table: Vaults with the most touches" })).toBeNull();
    expect(screen.getByRole("button", { name: "Show as table: Alerts by operation" })).toBeDefined();
  });

  test("the figures of each chart are in a table behind it", async () => {
    open();
    await table();
    await userEvent.click(screen.getByRole("button", { name: "Show as table: Callers with the most touches" }));
    const callers = screen.getByRole("table", { name: "Callers with the most touches, in numbers" });
    expect(within(callers).getByRole("row", { name: "mallory@contoso.test 3" })).toBeDefined();
    await userEvent.click(screen.getByRole("button", { name: "Show as table: Touches over time" }));
    const times = screen.getByRole("table", { name: "Touches over time, in numbers" });
    expect(within(times).getAllByRole("row").at(-1)?.textContent).toMatch(/3000$/);
  });
});

describe("a list that is not whole", () => {
  const problem = { message: "Azure took too long.", fix: "Try again in a minute." };

  test("names what its alerts would have said, and shows the incidents without it", async () => {
    open({ ...LIST, alerts: [], problems: [{ part: "alerts", partial: false, ...problem }] });
    const alert = await screen.findByRole("alert");
    expect(alert.textContent).toContain("Missing here: what their alerts say");
    expect(alert.textContent).toContain("Azure took too long. Try again in a minute.");
    expect(within(await table()).getByRole("row", { name: /Touched in kv-orders/ }).textContent).toContain("not known");
  });

  test("shows the rows of a part that ended early, and says that more are missing", async () => {
    open({ ...LIST, problems: [{ part: "incidents", partial: true, ...problem }] });
    expect((await screen.findByRole("alert")).textContent).toContain("Not all incidents are here");
    expect(await titles()).toHaveLength(2);
  });

  test("still shows the charts when the incidents are what is missing, and never calls the list empty", async () => {
    open({ ...LIST, incidents: [], problems: [{ part: "incidents", partial: false, ...problem }] });
    await screen.findByText("The incidents could not be read");
    expect(screen.queryByText("No honeytoken was touched")).toBeNull();
    expect(screen.getByRole("figure", { name: "Touches over time" })).toBeDefined();
  });

  test.each([
    [403, "forbidden", "You may not do this", ["Try again"]],
    [429, "throttled", "Azure asks to wait", ["Try again"]],
    [503, "unavailable", "Something is not reachable", ["Try again"]],
  ])("a failure with %i is shown as a failure, with what helps", async (status, code, title, buttons) => {
    open({ status, body: { error: { code, message: "That did not work." } } });
    const alert = await screen.findByRole("alert");
    expect(alert.textContent).toContain(title);
    expect(alert.textContent).toContain("That did not work.");
    expect(
      within(alert)
        .queryAllByRole("button")
        .map((button) => button.textContent),
    ).toEqual(buttons);
    expect(screen.queryByRole("table", { name: "Incidents" })).toBeNull();
    expect(screen.queryByText("No honeytoken was touched")).toBeNull();
  });

  test("what was not allowed is asked for by the person alone, and by itself again once the right is there", async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    const error = { code: "forbidden", message: "The right to read the workspace is missing." };
    const { asked } = open({ status: 403, body: { error } });
    await screen.findByText(/The right to read the workspace is missing/);
    const readings = () => asked.mock.calls.filter(([path]) => String(path).startsWith("/api/incidents?")).length;
    await poll(() => ({ body: LIST }));
    expect(readings()).toBe(1);
    fireEvent.click(screen.getByRole("button", { name: "Try again" }));
    expect(await titles()).toHaveLength(2);
    await poll(() => ({ body: LIST }));
    expect(readings()).toBe(3);
  });

  test("nothing in the time range is said with its range", async () => {
    open(incidentList({ days: "7" }), "?days=7");
    await screen.findByText("No honeytoken was touched");
    expect(screen.getByText(/in the last 7 days/)).toBeDefined();
  });
});

const THIRD = incidentRow({
  id: "third",
  number: 3,
  title: "Secret read in kv-vip",
  createdAt: "2026-11-22T10:04:00Z",
});
const LATER = { ...LIST, digest: "later", incidents: [THIRD, FIRST, SECOND] };

/** Lets the next poll happen. */
async function poll(next: (path: string) => Answer): Promise<void> {
  answer = next;
  await act(() => vi.advanceTimersByTimeAsync(15_500));
}

describe("while it is open", () => {
  beforeEach(() => {
    vi.useFakeTimers({ shouldAdvanceTime: true, now: Date.parse(NOW) });
  });

  test("a new incident appears by itself, marked, counted in the tab, until it is looked at", async () => {
    const { asked } = open();
    expect(await titles()).toHaveLength(2);
    expect(document.title).toBe("Incidents · Key Vault Honeytokens");
    await poll(() => ({ body: LATER }));
    expect(await titles()).toEqual(["Secret read in kv-vip", "Touched in kv-orders", "Key read in kv-lab"]);
    expect(String(asked.mock.calls.at(-1)?.[0])).toBe("/api/incidents?days=30&known=digest");
    expect(document.title).toBe("(1) Incidents · Key Vault Honeytokens");
    expect(screen.getAllByText("New here")).toHaveLength(1);
    expect(screen.getByText(/1 new incident since you opened this page/)).toBeDefined();
    act(() => screen.getByRole("button", { name: "Mark all seen" }).click());
    expect(document.title).toBe("Incidents · Key Vault Honeytokens");
    expect(screen.queryByText("New here")).toBeNull();
  });

  test("an incident that grows graver is news again, in words of its own; one that grows milder is not", async () => {
    open();
    await table();
    const raised = { ...SECOND, severity: "High" as const };
    await poll(() => ({ body: { ...LATER, digest: "raised", incidents: [...LATER.incidents.slice(0, -1), raised] } }));
    expect(document.title).toBe("(2) Incidents · Key Vault Honeytokens");
    expect(screen.getByText(/1 new incident and 1 that grew graver since you opened this page/)).toBeDefined();
    expect(within(await table()).getByRole("row", { name: /Key read/ }).textContent).toContain("Graver now");
    act(() => screen.getByRole("button", { name: "Mark all seen" }).click());
    await poll(() => ({ body: { ...LATER, digest: "lowered" } }));
    await poll(() => ({ body: { ...LATER, digest: "again", incidents: [...LATER.incidents.slice(0, -1), raised] } }));
    expect(document.title).toBe("Incidents · Key Vault Honeytokens");
  });

  test("an answer that nothing changed keeps what is shown", async () => {
    open();
    await table();
    await poll(() => ({ body: { unchanged: true, readAt: "2026-11-22T10:05:15.000Z" } }));
    expect(await titles()).toHaveLength(2);
    expect(screen.getByText(/updated just now|updated \d s ago/)).toBeDefined();
  });

  test("a poll that fails says so and keeps what is shown", async () => {
    open();
    await table();
    await poll(() => ({ status: 400, body: { error: { code: "invalid", message: "Not now." } } }));
    expect((await screen.findByRole("alert")).textContent).toContain("Not now.");
    expect(await titles()).toHaveLength(2);
  });

  test("nothing is asked for while the tab is hidden", async () => {
    const { asked } = open();
    await table();
    const hidden = vi.spyOn(document, "visibilityState", "get").mockReturnValue("hidden");
    document.dispatchEvent(new Event("visibilitychange"));
    const before = asked.mock.calls.length;
    await poll(() => ({ body: LATER }));
    await poll(() => ({ body: LATER }));
    hidden.mockRestore();
    expect(asked.mock.calls.length).toBe(before);
  });

  test("a notification comes only where it was asked for, and names nothing", async () => {
    const told: { title: string; body: string | undefined }[] = [];
    class FakeNotification {
      static permission = "default";
      static requestPermission = vi.fn(async () => {
        FakeNotification.permission = "granted";
        return "granted";
      });
      onclick = null;
      constructor(title: string, options: NotificationOptions) {
        told.push({ title, body: options.body });
      }
    }
    vi.stubGlobal("Notification", FakeNotification);
    open();
    await table();
    await poll(() => ({ body: LATER }));
    expect(told).toEqual([]);
    expect(FakeNotification.requestPermission).not.toHaveBeenCalled();
    await act(async () => screen.getByRole("button", { name: "Notify me" }).click());
    await screen.findByRole("button", { name: "Notifications are on" });
    const fourth = incidentRow({ id: "fourth", title: "Touched", createdAt: "2026-11-22T10:05:00Z" });
    await poll(() => ({ body: { ...LATER, digest: "last", incidents: [fourth, ...LATER.incidents] } }));
    expect(told).toEqual([{ title: "1 new incident", body: "1 High. Open the list to see more." }]);
    const raised = { ...SECOND, severity: "Medium" as const };
    const incidents = [fourth, ...LATER.incidents.slice(0, -1), raised];
    await poll(() => ({ body: { ...LATER, digest: "raised", incidents } }));
    expect(told.at(-1)).toEqual({ title: "1 graver incident", body: "1 Medium. Open the list to see more." });
  });
});

test("hostile names are text: nothing of them becomes an element, and what turns the direction is spelt out", async () => {
  const hostile = "<img src=x onerror=alert(1)> ' | take 1 // \u202Egnp.exe";
  const shown = "<img src=x onerror=alert(1)> ' | take 1 // ‹U+202E›gnp.exe";
  open(
    incidentList({
      vaults: [VAULT],
      incidents: [incidentRow({ id: "../../evil?x=1", title: hostile, owner: hostile })],
      alerts: [
        alertRow({ incident: "../../evil?x=1", at: NOW, callers: [hostile], operations: [hostile], decoys: [hostile] }),
      ],
    }),
  );
  const row = within(await table()).getByRole("row", { name: /onerror/ });
  expect(
    within(row)
      .getAllByText(shown)
      .map(({ tagName }) => tagName),
  ).toEqual(["BDI", "BDI", "BDI", "BDI", "BDI"]);
  expect(document.querySelector("img, script")).toBeNull();
  expect(document.body.textContent).not.toContain("\u202E");
  expect(within(row).getByRole("link").getAttribute("href")).toBe("/incidents/..%2F..%2Fevil%3Fx%3D1");
  await userEvent.click(screen.getByRole("button", { name: "Show as table: Callers with the most touches" }));
  expect(screen.getByRole("rowheader", { name: shown })).toBeDefined();
});
