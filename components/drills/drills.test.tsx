import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { fakeSession, renderInProduct, stubApi, TOKEN } from "@/components/testing/render";
import type { DrillView, FleetDrills, VaultDrills } from "@/lib/drills/drills.pure";
import { DEFAULT_SETTINGS, type SettingsView } from "@/lib/settings/settings.pure";
import { DrillOffer } from "./drill-offer";
import { DrillPanel } from "./drill-panel";
import { durationWords } from "./drill-words";
import s from "./drills.module.css";
import { DrillsPage } from "./drills-page";

const AT = "2026-11-22T08:00:00.000Z";
const SUBSCRIPTION = "11111111-2222-4333-8444-555555555555";
const VAULT = `/subscriptions/${SUBSCRIPTION}/resourcegroups/rg/providers/microsoft.keyvault/vaults/kv-orders`;
const ADDRESS = { subscription: SUBSCRIPTION, group: "rg", name: "kv-orders" };

const drill = (change: Partial<DrillView> = {}): DrillView => ({
  id: "d1",
  vaultId: VAULT,
  state: "passed",
  late: false,
  problem: null,
  by: "Kim <b>Analyst</b>",
  requestedAt: AT,
  notBefore: AT,
  endedAt: AT,
  kind: "secret",
  refusedBy: "right",
  read: "denied",
  was: "denied",
  right: null,
  table: "AZKVAuditLogs",
  repeats: false,
  stages: [
    { stage: "touch", at: AT, after: 0 },
    { stage: "row", at: AT, after: 4_000 },
    { stage: "alert", at: AT, after: 200_000 },
    { stage: "incident", at: AT, after: 230_000 },
  ],
  incident: {
    name: "i-1",
    number: 17,
    decision: "closed",
    reason: "Everything in it is a drill.",
    lookAgainAt: null,
    lookedAgainAt: null,
  },
  ...change,
});

const vaultDrills = (change: Partial<VaultDrills> = {}): VaultDrills => ({
  drills: [],
  mayDrill: true,
  mayDrillReason: null,
  lateAfter: 1_500_000,
  failsAfter: 7_200_000,
  ...change,
});

function openPanel(data: Partial<VaultDrills>, mayGive = { giveReads: true, giveReadsReason: "" }) {
  stubApi(() => ({ body: vaultDrills(data) }));
  const start = vi.fn(async () => ({ ok: true as const, data: { id: "d1" } }));
  renderInProduct(<DrillPanel vaultId={VAULT} address={ADDRESS} start={start} mayGive={mayGive} />);
  return start;
}

test("one click starts a drill of the vault", async () => {
  const start = openPanel({});
  await screen.findByText("No drill has been made in this vault yet.");
  await userEvent.click(screen.getByRole("button", { name: "Start a drill" }));
  expect(start).toHaveBeenCalledExactlyOnceWith(TOKEN, { vaultId: VAULT, read: "denied" });
});

test("one that is under way shows what was reached and what is waited for, and no second one is offered", async () => {
  const stages = drill().stages.map((one, index) => (index < 2 ? one : { ...one, at: null, after: null }));
  openPanel({ drills: [drill({ state: "seen", late: true, endedAt: null, stages, incident: null })] });
  const [touched, row, alert, incident] = within(await screen.findByRole("list", { name: /Stages/ })).getAllByRole(
    "listitem",
  );
  expect(touched?.textContent).toBe("Touched0 s");
  expect(row?.textContent).toBe("Row in the log4 s");
  expect(alert?.textContent).toMatch(/^Alert raisedwaiting, /);
  expect(incident?.textContent).toBe("Incident openednot yet");
  screen.getByText("Late: waiting for its alert");
  expect(screen.getByRole("button", { name: "A drill is under way" })).toHaveProperty("disabled", true);
});

test("earlier ones say when, by whom, what was proven, and what became of the incident", async () => {
  openPanel({ drills: [drill(), drill({ id: "d2", by: null })] });
  const [first, second] = within(await screen.findByRole("list", { name: "Earlier drills" })).getAllByRole("listitem");
  expect(first?.textContent).toContain("by Kim <b>Analyst</b>");
  expect(first?.textContent).toContain(
    "A refused read of a secret, its row in AZKVAuditLogs, its alert and its incident, after 3 min 50 s.",
  );
  const link = within(first ?? document.body).getByRole("link", { name: "Incident 17" });
  expect(link.getAttribute("href")).toBe("/incidents/i-1");
  expect(first?.textContent).toContain("closed as a drill");
  expect(second?.textContent).toContain("by the schedule");
});

test("a failed one says which stage is missing and what to do", async () => {
  openPanel({ drills: [drill({ state: "failed", problem: "no_alert", incident: null })] });
  const [entry] = within(await screen.findByRole("list", { name: "Earlier drills" })).getAllByRole("listitem");
  expect(entry?.textContent).toContain("no alert was raised. Look at the analytics rules");
});

test("who may not drill is told why; an owner's answer has no incident", async () => {
  const { incident: _incident, ...ofOwner } = drill();
  openPanel({ mayDrill: false, mayDrillReason: "You may not write here.", drills: [ofOwner] });
  await screen.findByText("You may not write here.");
  expect(screen.queryByRole("button", { name: /drill/i })).toBeNull();
  expect(screen.queryByRole("link")).toBeNull();
});

test("a permitted read is chosen by whoever may give rights there, and says what is given", async () => {
  const start = openPanel({});
  await userEvent.click(await screen.findByRole("radio", { name: /permitted read.*loses the right again/ }));
  await userEvent.click(screen.getByRole("button", { name: "Start a drill" }));
  expect(start).toHaveBeenCalledExactlyOnceWith(TOKEN, { vaultId: VAULT, read: "permitted" });
});

test("who may not give rights there is told so, and drills by a refused read", async () => {
  const start = openPanel({}, { giveReads: false, giveReadsReason: "You may not give rights in this vault." });
  expect(await screen.findByRole("radio", { name: /You may not give rights/ })).toHaveProperty("disabled", true);
  await userEvent.click(screen.getByRole("button", { name: "Start a drill" }));
  expect(start).toHaveBeenCalledExactlyOnceWith(TOKEN, { vaultId: VAULT, read: "denied" });
});

test("a drill by a permitted read says what was proven, and what became of its right", async () => {
  const permitted = { read: "permitted", was: "permitted", refusedBy: null, right: "revoked" } as const;
  openPanel({
    drills: [
      drill({ ...permitted, id: "a" }),
      drill({ ...permitted, id: "b", was: "denied", refusedBy: "right" }),
      drill({
        ...permitted,
        id: "c",
        state: "queued",
        endedAt: null,
        was: null,
        kind: null,
        right: "given",
        stages: [],
      }),
    ],
  });
  await screen.findByText(/^A permitted read of a secret, its row/);
  await screen.findByText(/^A refused read of a secret, since the right did not work yet, its row/);
  expect(screen.getAllByText("The right to read was taken back.")).toHaveLength(2);
  await screen.findByText("Waiting for its right");
  await screen.findByText(/Azure takes up to ten minutes until it works/);
});

const fleet = (change: Partial<FleetDrills> = {}): FleetDrills => ({
  running: [],
  runningCount: 0,
  vaultsLeftOut: 0,
  ended: [],
  times: [],
  days: [],
  schedule: { everyDays: 30, dailyMax: 200, changedAt: null, startedToday: 3, mayChange: true },
  refusal: null,
  ...change,
});

function openPage(data: Partial<FleetDrills>) {
  const view: SettingsView = {
    settings: DEFAULT_SETTINGS,
    changed: { decoys: null, deployments: null, newVaults: null, webhook: null, drills: null, recommendation: null },
    mayChange: true,
  };
  stubApi((path) => ({ body: path === "/api/drills" ? fleet(data) : view }));
  const change = vi.fn(async () => ({ ok: true as const, data: { changed: true } }));
  renderInProduct(<DrillsPage change={change} />);
  return change;
}

test("the fleet's page shows what runs, the last results and the times of each stage", async () => {
  const times = [
    { stage: "row" as const, count: 5, p50: 4_000, p95: 9_000 },
    { stage: "alert" as const, count: 5, p50: 180_000, p95: 240_000 },
    { stage: "incident" as const, count: 0, p50: null, p95: null },
  ];
  openPage({
    running: [drill({ id: "r", endedAt: null, state: "touched" })],
    runningCount: 1,
    ended: [drill()],
    times,
  });
  await screen.findByRole("heading", { name: "1 drill under way" });
  const row = await screen.findByRole("row", { name: /^Alert raised/ });
  expect(row.textContent).toBe("Alert raised3 min4 min5");
  expect(screen.getByRole("row", { name: /^Incident opened/ }).textContent).toContain("unknown");
  expect(screen.getByRole("table", { name: "Last results" }).textContent).toContain("kv-orders");
});

test("the schedule is changed with what it is based on, and a wrong number is said at its field", async () => {
  const change = openPage({ refusal: "Drills need an identity of their own." });
  await screen.findByText("Drills need an identity of their own.");
  await screen.findByText("No drill has been made yet");
  const days = await screen.findByRole("textbox", { name: "Drill each protected vault every" });
  await userEvent.clear(days);
  await userEvent.type(days, "400");
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  await screen.findByText("At most 365.");
  await userEvent.clear(days);
  await userEvent.type(days, "7");
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  expect(change).toHaveBeenCalledWith(TOKEN, {
    group: "drills",
    value: { everyDays: 7, dailyMax: 200 },
    basedOn: null,
  });
});

test("many vaults are drilled after a question, by analysts and administrators only", async () => {
  stubApi(() => undefined);
  const start = vi.fn(async () => ({
    ok: true as const,
    data: { started: 2, skipped: [{ reason: "They are exempt.", vaults: 1 }] },
  }));
  const selection = () => ({ by: "vaults" as const, vaultIds: [VAULT] });
  const { unmount } = renderInProduct(<DrillOffer start={start} selection={selection} vaults={3} />);
  await userEvent.click(screen.getByRole("button", { name: "Drill 3 vaults…" }));
  await userEvent.click(await screen.findByRole("button", { name: "Start the drills" }));
  const result = await screen.findByText("2 drills started. 1 vault left out: They are exempt.");
  // A line of its own, in place of a column between two buttons.
  expect(result.className.split(" ")).toContain(s.result);
  expect(start).toHaveBeenCalledWith(TOKEN, { selection: selection() });
  unmount();
  renderInProduct(<DrillOffer start={start} selection={selection} vaults={3} />, {
    session: fakeSession({ roles: ["Key Vault owner"] }),
  });
  expect(screen.queryByRole("button")).toBeNull();
});

test("durations read as people say them", () => {
  expect([4_400, 60_000, 200_000, 3_600_000, 4_020_000].map(durationWords)).toEqual([
    "4 s",
    "1 min",
    "3 min 20 s",
    "1 h",
    "1 h 7 min",
  ]);
});
