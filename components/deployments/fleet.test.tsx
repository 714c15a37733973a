import { act, configure, fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { type Answer, renderInProduct, stubApi, TOKEN } from "@/components/testing/render";
import { counts, FLEET_ID, fleet, fleetItem, totals } from "@/components/testing/samples";
import type { DeploymentExport, DeploymentView, ItemPage } from "@/lib/deployments/views.pure";
import { DeploymentPage } from "./deployment-page";
import type { DeploymentActions } from "./use-control";

const download = vi.hoisted(() => vi.fn());
vi.mock("@/components/ui/save-file", () => ({ saveFile: download }));
beforeEach(() => download.mockClear());

// Without a layout nothing in a dialog can take the focus, so that Fluent soon marks the dialog itself as hidden.
beforeAll(() => configure({ defaultHidden: true }));
afterAll(() => configure({ defaultHidden: false }));

const NOTHING = fleet().may;
const PLANNED = fleet({
  state: "planned",
  counts: counts({ planned: 212, blocked: 18, skipped: 10 }),
  totals: totals(),
  confirmByTyping: 212,
  may: { ...NOTHING, start: true, discard: true },
});
const RUNNING = fleet({
  state: "running",
  counts: counts({ done: 100, failed: 3, needs_person: 1, running: 8, queued: 100, blocked: 18, skipped: 10 }),
  totals: totals(),
  progress: { ended: 132, remaining: 108, perMinute: 34.5, secondsLeft: 188, turns: null },
  may: { ...NOTHING, pause: true, cancel: true },
});

const PAUSED: DeploymentView = { ...RUNNING, state: "paused", may: { ...NOTHING, resume: true, cancel: true } };

interface Server {
  view: DeploymentView;
  pages: Record<string, ItemPage>;
  export?: Answer;
  /** In place of `pages`. */
  items?: Answer;
}

/** The page over a server that answers `view`; items by the query of their address. */
function open(view: DeploymentView, more: Partial<Server> & { search?: string } = {}) {
  const server: Server = { view, pages: { "": { items: [fleetItem("kv-a")], next: null } }, ...more };
  const asked: string[] = [];
  stubApi((path) => {
    const [address = "", query = ""] = path.split("?");
    if (address.endsWith("/export")) return server.export;
    if (!address.endsWith("/items")) return { body: server.view };
    asked.push(query);
    return server.items ?? { body: server.pages[query] ?? { items: [], next: null } };
  });
  const act = () => vi.fn<DeploymentActions["pause"]>(async () => ({ ok: true, data: { state: "queued" } }));
  const actions = {
    start: vi.fn<DeploymentActions["start"]>(async () => ({ ok: true, data: { state: "queued" } })),
    approve: act(),
    refuse: act(),
    pause: act(),
    resume: act(),
    cancel: act(),
    retry: vi.fn<DeploymentActions["retry"]>(async () => ({ ok: true, data: { state: "queued" } })),
    discard: act(),
    stopSchedule: act(),
  };
  const urls: string[] = [];
  renderInProduct(<DeploymentPage id={FLEET_ID} actions={actions} />, {
    search: more.search ?? "",
    onUrlUpdate: ({ queryString }) => urls.push(queryString),
  });
  return { server, actions, asked, urls };
}

const press = async (name: string | RegExp) => userEvent.click(await screen.findByRole("button", { name }));
/** Presses a button once it takes presses again: after each it waits until a double one is over. */
async function again(name: string) {
  const button = await screen.findByRole("button", { name });
  await waitFor(() => expect(button.getAttribute("aria-disabled")).not.toBe("true"));
  await userEvent.click(button);
}
/** Presses a button in the moment in which it is there, as the second half of a double press does. */
async function atOnce(name: string): Promise<void> {
  let pressed = false;
  const observer = new MutationObserver(() => {
    const button = pressed ? null : screen.queryByText(name, { selector: "button" });
    pressed ||= button !== null;
    button?.click();
  });
  observer.observe(document.body, { subtree: true, childList: true, characterData: true });
  await waitFor(() => expect(pressed).toBe(true));
  observer.disconnect();
}
const card = async (name: string) => screen.findByRole("region", { name });
const said = async (name: string) => (await card(name)).textContent ?? "";

describe("a plan that is being made", () => {
  test("says how far it is and that nothing was written", async () => {
    open(fleet({ state: "planning", counts: counts({ planned: 30, blocked: 2 }) }));
    const text = await said("The plan is being made");
    expect(text).toContain("32 of 240 vaults looked at.");
    expect(text).toContain("Nothing is written while a plan is made.");
    expect(screen.getByRole<HTMLProgressElement>("progressbar").value).toBe(32);
    expect(screen.queryByRole("button", { name: /^Start/ })).toBeNull();
  });

  test("before its vaults are known says that they are looked up, and is called after no number of them", async () => {
    open(fleet({ state: "planning", total: 0 }));
    await screen.findByRole("heading", { level: 1, name: "Honeytokens for the chosen vaults" });
    expect(await said("The plan is being made")).toContain("The vaults are being looked up.");
  });
});

describe("a plan", () => {
  test("says what would be written, which rights would be given and taken back, and how long it takes", async () => {
    open(PLANNED);
    const text = await said("The plan");
    expect(text).toContain("212 of 240 vaults");
    expect(text).toContain("212 honeytokens");
    expect(text).toContain("150 secrets and 62 keys");
    expect(text).toContain("80 vaults: 3 roles at resource groups");
    expect(text).toContain("12 vaults: a role at the vault itself");
    expect(text).toContain("20 vaults: an entry in the access policies");
    expect(text).toContain("100 vaults: none");
    expect(text).toContain("21 min");
    const limits = within(await card("The plan")).getAllByRole("row");
    expect(limits.map((line) => line.textContent)).toEqual([
      "Until the workspace shows the register20 min",
      "Writing30 s",
    ]);
  });

  test("names what is blocked, skipped and warned of, with how many vaults", async () => {
    open(PLANNED);
    await screen.findByText("Blocked: these cannot be done");
    const sentences = screen.getAllByRole("listitem").map((line) => line.textContent);
    expect(sentences).toContain("18 vaultsThe audit log does not reach the watched workspace. Switch it on first.");
    expect(sentences).toContain("10 vaultsA working honeytoken is there already.");
    expect(sentences).toContain("7 vaultsFewer than 30 days of log rows are known.");
  });

  test("that is spread does not say that it begins everywhere at once, nor that it takes as long as the limits alone", async () => {
    open({ ...PLANNED, spreadHours: 3 });
    const text = await said("The plan");
    expect(text).toContain("How longAbout 3 hours, over which writing is spread");
    expect(text).toContain("without the spread it would be 21 min at least");
    expect(text).not.toContain("How long at least");
    expect(await said("Start")).toContain("It begins in 212 vaults, each at its own moment within 3 hours.");
  });

  test("for no vault at all gives no right, and says so", async () => {
    const none = totals({ secrets: 0, keys: 0, grants: { none: 0, vault_role: 0, group_role: 0, policy: 0 } });
    open({ ...PLANNED, totals: none, counts: counts({ blocked: 230, skipped: 10 }), confirmByTyping: null });
    expect(await said("The plan")).toContain("Rights givenNoneTaken back againNothing, as nothing is given");
  });

  test("of a removal speaks of deleting, not of writing", async () => {
    open({ ...PLANNED, operation: "retire" });
    const text = await said("The plan");
    expect(text).toContain("Deleted150 secrets and 62 keys");
    expect(text).not.toContain("Registered");
    expect(screen.getByRole("button", { name: "Start: remove from 212 vaults" })).toBeDefined();
  });

  test.each([
    ["", "type 212"],
    ["21", "You typed 21."],
    ["all", "That is not a number."],
  ])("does not start when %j is typed, and says why", async (typed, words) => {
    const { actions } = open(PLANNED);
    const field = await screen.findByRole("textbox", { name: "Type the number of vaults, 212" });
    fireEvent.change(field, { target: { value: typed } });
    await press("Start: plant in 212 vaults");
    expect((await screen.findByText(/This is for 212 vaults/)).textContent).toContain(words);
    expect(field.getAttribute("aria-invalid")).toBe("true");
    expect(actions.start).not.toHaveBeenCalled();
  });

  test("takes no longer number than vaults can be, so that its message stays short", async () => {
    open(PLANNED);
    await userEvent.click(await screen.findByRole("textbox", { name: "Type the number of vaults, 212" }));
    await userEvent.paste("9".repeat(400));
    await press("Start: plant in 212 vaults");
    await screen.findByText(`You typed ${"9".repeat(20)}. This is for 212 vaults: type 212.`);
  });

  test("starts when its number is typed, with Enter too, and shows what follows", async () => {
    const { actions, server } = open(PLANNED);
    const field = await screen.findByRole("textbox", { name: "Type the number of vaults, 212" });
    server.view = RUNNING;
    await userEvent.type(field, "212{Enter}");
    expect(await said("Progress")).toContain("104 of 212 vaults are at their end.");
    expect(actions.start).toHaveBeenCalledExactlyOnceWith(TOKEN, { id: FLEET_ID, typed: 212 });
  });

  test("that is started with the keyboard leaves the focus on the title of the page, as its button is gone", async () => {
    const { server } = open({ ...PLANNED, confirmByTyping: null });
    const start = await screen.findByRole("button", { name: "Start: plant in 212 vaults" });
    act(() => start.focus());
    server.view = RUNNING;
    await userEvent.keyboard("{Enter}");
    await card("Progress");
    expect(document.activeElement).toBe(screen.getByRole("heading", { level: 1 }));
  });

  test("is started once by a double press", async () => {
    const { actions } = open({ ...PLANNED, confirmByTyping: null });
    const start = await screen.findByRole("button", { name: "Start: plant in 212 vaults" });
    act(() => {
      start.click();
      start.click();
    });
    await waitFor(() => expect(actions.start).toHaveBeenCalledOnce());
  });

  test("of few vaults starts with a click", async () => {
    const { actions } = open({ ...PLANNED, confirmByTyping: null, counts: counts({ planned: 3 }) });
    await press("Start: plant in 3 vaults");
    expect(actions.start).toHaveBeenCalledExactlyOnceWith(TOKEN, { id: FLEET_ID });
  });

  test("that is refused at the start says why", async () => {
    const { actions } = open({ ...PLANNED, confirmByTyping: null });
    const error = { code: "forbidden" as const, message: "You may not plant there any more.", fix: "Plan again." };
    actions.start.mockResolvedValue({ ok: false, error });
    await press("Start: plant in 212 vaults");
    expect((await screen.findByRole("alert")).textContent).toContain("You may not plant there any more. Plan again.");
  });

  test("of somebody else cannot be started here", async () => {
    open({ ...PLANNED, may: NOTHING, confirmByTyping: null });
    await card("The plan");
    expect(screen.queryByRole("button", { name: /^Start/ })).toBeNull();
    expect(screen.queryByRole("button", { name: "Discard this plan" })).toBeNull();
  });

  test("can be discarded", async () => {
    const { actions } = open(PLANNED);
    await press("Discard this plan");
    expect(actions.discard).toHaveBeenCalledExactlyOnceWith(TOKEN, { id: FLEET_ID });
  });
});

describe("a schedule of further versions", () => {
  test("is told, and can be ended", async () => {
    const { actions } = open(
      fleet({ state: "done", history: true, scheduled: 2, may: { ...NOTHING, stopSchedule: true } }),
    );
    expect(await screen.findByText(/2 honeytokens of it will still get further versions/)).toBeDefined();
    await press("Write no further versions");
    expect(actions.stopSchedule).toHaveBeenCalledExactlyOnceWith(TOKEN, { id: FLEET_ID });
  });

  test("is not offered where there is none", async () => {
    open(fleet({ state: "done" }));
    await screen.findByRole("heading", { level: 1 });
    expect(screen.queryByRole("button", { name: "Write no further versions" })).toBeNull();
  });
});

describe("a plan for a second administrator", () => {
  const reason = "More than 100 vaults need a second administrator.";
  const approval = { state: "needed" as const, reason, by: null, at: null };
  const WAITING = fleet({ ...PLANNED, state: "awaiting_approval", confirmByTyping: null, approval, may: NOTHING });

  test.each(["approve", "refuse"] as const)("lets that person %s", async (name) => {
    const { actions } = open({ ...WAITING, may: { ...NOTHING, approve: true } });
    const notice = await screen.findByText("Adam Admin asks for your approval");
    expect(notice.parentElement?.textContent).toContain(reason);
    await press(name === "approve" ? "Approve" : "Refuse");
    expect(actions[name]).toHaveBeenCalledExactlyOnceWith(TOKEN, { id: FLEET_ID });
  });

  test("tells that person that it also holds for vaults that they may not read, and nobody else", async () => {
    const sentence = "What you decide also holds for 12 vaults that you may not read in Azure.";
    const { server } = open({ ...WAITING, leftOut: 12, may: { ...NOTHING, approve: true } });
    await screen.findByText(sentence);
    server.view = { ...WAITING, leftOut: 12 };
    await press("Approve");
    await screen.findByText(/Any administrator but Adam Admin can approve it/);
    expect(screen.queryByText(sentence)).toBeNull();
  });

  test("tells the one who asked who can approve it", async () => {
    open(WAITING);
    await screen.findByText(/Any administrator but Adam Admin can approve it/);
    expect(screen.queryByRole("button", { name: "Approve" })).toBeNull();
  });

  test("that was thrown away, or ran out, asks nobody for an approval any more", async () => {
    open({ ...WAITING, state: "cancelled", startedAt: null, counts: counts({ cancelled: 212 }) });
    await screen.findByText("It was ended as a plan. Nothing was done in any vault.");
    expect(screen.queryByText("A second administrator has to approve this")).toBeNull();
  });

  test("says who approved it, or who refused it and why it ended", async () => {
    const by = { reason, by: "Bea Admin", at: "2026-11-22T11:00:00.000Z" };
    open({ ...WAITING, state: "cancelled", approval: { ...by, state: "refused" }, problem: "Bea Admin refused it." });
    expect((await screen.findByText(/^Refused by Bea Admin/)).textContent).toContain(reason);
    await screen.findByText("Bea Admin refused it.");
  });
});

describe("a deployment under way", () => {
  test("says in words and figures how far it is", async () => {
    open(RUNNING);
    const text = await said("Progress");
    for (const figure of ["Done100", "Failed3", "Needs a person1", "Skipped10", "Blocked18", "Cancelled0"])
      expect(text).toContain(figure);
    expect(text).toContain("Remaining108");
    expect(text).toContain("Per minute34.5");
    expect(text).toContain("Time left4 min");
    const bar = screen.getByRole<HTMLProgressElement>("progressbar");
    expect([bar.value, bar.max]).toEqual([104, 212]);
  });

  test("that is spread says when the next and the last vault have their turn, to whoever may know", async () => {
    const turns = { nextAt: "2026-11-20T10:05:00.000Z", lastAt: "2026-11-20T17:40:00.000Z" };
    open({ ...RUNNING, spreadHours: 8, progress: { ...RUNNING.progress, turns } });
    expect(await said("Progress")).toContain("so long pauses are meant. The next turn of a vault is");
    const times = within(await card("Progress")).getAllByRole("time");
    expect(times.map((time) => time.getAttribute("datetime"))).toEqual([turns.nextAt, turns.lastAt]);
  });

  test("that is spread and waits for a worker does not promise to begin everywhere then", async () => {
    open({ ...RUNNING, state: "queued", spreadHours: 3, counts: counts({ queued: 20 }) });
    expect(await said("Progress")).toMatch(/as soon as a worker is free, in \d+ vaults, each at its own moment\./);
  });

  test("that is spread says no time to whoever sees no names", async () => {
    open({ ...RUNNING, spreadHours: 8 });
    expect(await said("Progress")).toMatch(/so long pauses are meant\./);
    expect(within(await card("Progress")).queryAllByRole("time")).toEqual([]);
  });

  test("is paused and resumed", async () => {
    const { actions, server } = open(RUNNING);
    await card("Progress");
    server.view = PAUSED;
    await press("Pause");
    await waitFor(() => expect(actions.pause).toHaveBeenCalledExactlyOnceWith(TOKEN, { id: FLEET_ID }));
    expect(await said("Progress")).toContain("What has been begun in 8 vaults is being brought to a safe end.");
    await again("Resume");
    await waitFor(() => expect(actions.resume).toHaveBeenCalledExactlyOnceWith(TOKEN, { id: FLEET_ID }));
  });

  test("is cancelled only after it was said what becomes of what has been begun", async () => {
    const { actions } = open(RUNNING);
    await press("Cancel");
    const dialog = await screen.findByRole("dialog", { name: "Cancel this deployment" });
    expect(dialog.textContent).toContain("Nothing new is begun.");
    expect(dialog.textContent).toContain("In 8 vaults something has been begun.");
    await userEvent.click(within(dialog).getByRole("button", { name: "Let it go on" }));
    expect(actions.cancel).not.toHaveBeenCalled();
    // It takes its time to fade, and is in the way until then.
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    await press("Cancel");
    await press("Cancel the deployment");
    await waitFor(() => expect(actions.cancel).toHaveBeenCalledExactlyOnceWith(TOKEN, { id: FLEET_ID }));
  });

  test("that is cancelled leaves the focus on the title of the page, as its button is gone", async () => {
    const { server } = open(RUNNING);
    await press("Cancel");
    server.view = { ...RUNNING, state: "cancelled", may: NOTHING };
    await press("Cancel the deployment");
    await screen.findByText(/^Cancelled\. What has been begun/);
    expect(screen.queryByRole("button", { name: "Cancel" })).toBeNull();
    expect(document.activeElement).toBe(screen.getByRole("heading", { level: 1 }));
  });

  test("is paused once by a double press, and not resumed by its second half", async () => {
    const { actions, server } = open(RUNNING);
    const pause = await screen.findByRole("button", { name: "Pause" });
    server.view = PAUSED;
    const resumed = atOnce("Resume");
    // Both in one moment, before the page has been drawn again.
    act(() => {
      pause.click();
      pause.click();
    });
    await resumed;
    server.view = RUNNING;
    const paused = atOnce("Pause");
    await again("Resume");
    await paused;
    expect(actions.resume).toHaveBeenCalledOnce();
    expect(actions.pause).toHaveBeenCalledOnce();
    expect(screen.queryByRole("alert")).toBeNull();
  });

  test("keeps the focus on the button that pauses and resumes", async () => {
    const { server } = open(RUNNING);
    const pause = await screen.findByRole("button", { name: "Pause" });
    act(() => pause.focus());
    server.view = PAUSED;
    await userEvent.keyboard("{Enter}");
    expect(document.activeElement).toBe(await screen.findByRole("button", { name: "Resume" }));
  });

  test("that is cancelled goes on saying what is still being ended, until nothing is", async () => {
    const { server } = open({ ...RUNNING, state: "cancelled", may: NOTHING });
    await screen.findByText(/^Cancelled\. What has been begun in 108 vaults is being taken back/);
    server.view = {
      ...server.view,
      counts: counts({ done: 108, cancelled: 104 }),
      progress: { ended: 212, remaining: 0, perMinute: null, secondsLeft: null, turns: null },
    };
    await screen.findByText(/^Cancelled with 108 vaults done\./, undefined, { timeout: 30_000 });
    expect(await said("What came of it")).toContain("Cancelled104");
  });

  test("shows a step that could not be asked for as a failure, and goes on showing the rest", async () => {
    const { actions } = open(RUNNING);
    const error = { code: "conflict" as const, message: "It has ended already." };
    actions.pause.mockResolvedValue({ ok: false, error });
    await press("Pause");
    expect((await screen.findByRole("alert")).textContent).toContain("It has ended already.");
    expect(await said("Progress")).toContain("104 of 212");
  });
});

describe("a deployment that has ended", () => {
  const ENDED = fleet({
    state: "failed",
    endedAt: "2026-11-22T12:00:00.000Z",
    counts: counts({ done: 200, failed: 8, needs_person: 4, blocked: 18, skipped: 10 }),
    totals: totals(),
    progress: { ended: 240, remaining: 0, perMinute: null, secondsLeft: null, turns: null },
    may: { ...NOTHING, retry: true },
  });

  test("says what came of it, and takes the failed ones up again", async () => {
    const { actions } = open(ENDED);
    expect(await said("What came of it")).toContain("Done in 200 of 212 vaults.");
    expect(screen.queryByText("Time left")).toBeNull();
    await press("Retry 8 failed");
    const dialog = await screen.findByRole("dialog", { name: "Retry in 8 vaults" });
    expect(dialog.textContent).toContain("8 failed are done again");
    expect(actions.retry).not.toHaveBeenCalled();
    await userEvent.click(within(dialog).getByRole("button", { name: "Retry in 8 vaults" }));
    expect(actions.retry).toHaveBeenCalledExactlyOnceWith(TOKEN, { id: FLEET_ID });
  });

  test("takes them up once by a double press in the dialog", async () => {
    const { actions } = open(ENDED);
    await press("Retry 8 failed");
    const dialog = await screen.findByRole("dialog", { name: "Retry in 8 vaults" });
    const retry = within(dialog).getByRole("button", { name: "Retry in 8 vaults" });
    act(() => {
      retry.click();
      retry.click();
    });
    await waitFor(() => expect(actions.retry).toHaveBeenCalledOnce());
    expect(screen.queryByRole("alert")).toBeNull();
  });

  test("asks for the number of vaults before it does as many again as a start asks for", async () => {
    const { actions } = open({ ...ENDED, counts: counts({ done: 12, cancelled: 200 }), confirmByTyping: 200 });
    await press("Retry 200 cancelled");
    await press("Retry in 200 vaults");
    await screen.findByText("This is for 200 vaults: type 200.");
    expect(actions.retry).not.toHaveBeenCalled();
    await userEvent.type(screen.getByRole("textbox", { name: "Type the number of vaults, 200" }), "200{Enter}");
    expect(actions.retry).toHaveBeenCalledExactlyOnceWith(TOKEN, { id: FLEET_ID, typed: 200 });
  });

  test("does a single vault again without a question, and says why where it is refused", async () => {
    const { actions } = open({ ...ENDED, counts: counts({ done: 211, failed: 1 }) });
    actions.retry.mockResolvedValue({ ok: false, error: { code: "conflict", message: "Not at this hour." } });
    await press("Retry 1 failed");
    expect((await screen.findByRole("alert")).textContent).toContain("Not at this hour.");
    expect(actions.retry).toHaveBeenCalledExactlyOnceWith(TOKEN, { id: FLEET_ID });
  });

  test("everywhere says that it is all", async () => {
    const all = { ...ENDED, state: "done" as const, counts: counts({ done: 240 }), may: NOTHING };
    open(all);
    expect(await said("What came of it")).toContain("Done in all 240 vaults.");
  });

  test("nowhere says that, and why is in the list", async () => {
    open({ ...ENDED, state: "done", counts: counts({ skipped: 240 }), may: NOTHING });
    expect(await said("What came of it")).toContain("Nothing was done: every vault was left out.");
  });

  test("everywhere before it was cancelled says that nothing was taken back", async () => {
    open({ ...ENDED, state: "cancelled", counts: counts({ done: 240 }), may: NOTHING });
    const words = await said("What came of it");
    expect(words).toContain("Cancelled with 240 vaults done. No other was left to cancel.");
  });

  const EXPORT: DeploymentExport = {
    deployment: {
      id: FLEET_ID,
      operation: "plant",
      state: "failed",
      requestedBy: "Adam Admin",
      createdAt: "2026-11-22T10:00:00.000Z",
      endedAt: null,
    },
    leftOut: 0,
    rows: [
      {
        vaultId: "/subscriptions/s/x",
        vault: "kv-a",
        subscriptionId: "s",
        resourceGroup: "rg",
        state: "failed",
        kind: "secret",
        count: 1,
        grant: "policy",
        reason: '=HYPERLINK("x")',
        recoverableUntil: "",
        updatedAt: "2026-11-22T10:00:00.000Z",
      },
    ],
  };

  test("is exported as CSV that no spreadsheet runs, and as JSON", async () => {
    open(ENDED, { export: { body: EXPORT } });
    await press("Export CSV");
    await waitFor(() => expect(download).toHaveBeenCalledOnce());
    expect(download.mock.calls[0]).toEqual([
      `deployment-${FLEET_ID}.csv`,
      "text/csv;charset=utf-8",
      [
        "vaultId,vault,subscriptionId,resourceGroup,state,kind,count,grant,reason,recoverableUntil,updatedAt\r\n" +
          `/subscriptions/s/x,kv-a,s,rg,failed,secret,1,policy,"'=HYPERLINK(""x"")",,2026-11-22T10:00:00.000Z\r\n`,
      ],
    ]);
    await press("Export JSON");
    await waitFor(() => expect(download).toHaveBeenCalledTimes(2));
    expect(JSON.parse(String(download.mock.calls[1]?.[2][0]))).toEqual(EXPORT);
  });

  test("says how many vaults are not in the file", async () => {
    open(ENDED, { export: { body: { ...EXPORT, leftOut: 7 } } });
    await press("Export JSON");
    await screen.findByText("Exported without 7 vaults that you may not read in Azure.");
    expect(JSON.parse(String(download.mock.calls[0]?.[2][0]))).toMatchObject({ leftOut: 7 });
  });

  test("says when the export failed, and writes no file", async () => {
    open(ENDED, { export: { status: 503, body: { error: { code: "unavailable", message: "The store is busy." } } } });
    await press("Export CSV");
    expect((await screen.findByRole("alert")).textContent).toContain("Not exported. The store is busy.");
    expect(download).not.toHaveBeenCalled();
  });
});

describe("the vaults of a deployment", () => {
  const vaults = async () =>
    within(await card("Vaults"))
      .queryAllByRole("link")
      .map((link) => link.textContent);

  test("say how each stands, what is done there now, or why not, and lead to it", async () => {
    const items = [
      fleetItem("kv-a", { state: "running", now: "Write the honeytoken into the vault: Sent." }),
      fleetItem("kv-b", { state: "failed", problem: "Azure refused the write. Ask its owner." }),
      fleetItem("kv-c", { state: "blocked", plan: { grant: "none", warnings: [], reasons: ["A lock stands there."] } }),
      fleetItem("kv-d"),
      fleetItem("kv-e", { state: "done", recoverableUntil: "2027-02-27T10:00:00.000Z" }),
      fleetItem("kv-f", { state: "cancelled" }),
    ];
    open(RUNNING, { pages: { "": { items, next: null } } });
    const list = await card("Vaults");
    await within(list).findByRole("link", { name: "kv-a" });
    const lines = within(list)
      .getAllByRole("listitem")
      .map((line) => line.textContent);
    expect(lines[0]).toMatch(/kv-a.*Running.*Write the honeytoken into the vault: Sent\./);
    expect(lines[1]).toMatch(/kv-b.*Failed.*Azure refused the write\. Ask its owner\./);
    expect(lines[2]).toMatch(/kv-c.*Blocked.*A lock stands there\./);
    expect(lines[3]).toMatch(
      /kv-d.*Planned.*Registers and writes 1 secret; role at the resource group, taken back afterwards/,
    );
    expect(lines[4]).toMatch(/kv-e.*Done.*recoverable until 2027-02-27/);
    expect(lines[5]).toMatch(/kv-f.*Cancelled/);
    expect(lines[5]).not.toContain("1 secret");
    expect(within(list).getByRole("link", { name: "kv-b" }).getAttribute("href")).toMatch(/\/rg-shop\/kv-b$/);
  });

  test("are filtered by state, which the address keeps, and searched", async () => {
    const { asked, urls } = open(RUNNING, {
      pages: {
        "": { items: [fleetItem("kv-a"), fleetItem("kv-b")], next: null },
        "state=failed": { items: [fleetItem("kv-b", { state: "failed" })], next: null },
      },
    });
    await press("Failed 3");
    await waitFor(async () => expect(await vaults()).toEqual(["kv-b"]));
    await waitFor(() => expect(urls.at(-1)).toBe("?state=failed"));
    fireEvent.change(screen.getByRole("searchbox"), { target: { value: "kv-z" } });
    await screen.findByText("No vault matches");
    expect(asked.at(-1)).toBe("state=failed&q=kv-z");
  });

  test("open as the address says", async () => {
    const { asked } = open(RUNNING, { search: "?state=needs_person&q=shop" });
    const chosen = await screen.findByRole("button", { name: "Needs a person 1" });
    expect(chosen.getAttribute("aria-pressed")).toBe("true");
    await screen.findByText("No vault matches");
    expect(asked[0]).toBe("state=needs_person&q=shop");
  });

  test("that a person may not read are counted, and an empty list does not stand for them", async () => {
    open({ ...RUNNING, leftOut: 239 }, { pages: {} });
    await screen.findByText(
      "239 vaults of this deployment that you may not read in Azure are not shown. Counts and totals are those of the whole.",
    );
    await screen.findByText("None of the vaults that you may read is in this state or has this name.");
    expect(await said("Progress")).toContain("104 of 212 vaults");
  });

  test("come a page at a time", async () => {
    open(PLANNED, {
      pages: {
        "": { items: [fleetItem("kv-a")], next: "after-a" },
        "after=after-a": { items: [fleetItem("kv-b")], next: null },
      },
    });
    await press("Load more");
    await waitFor(async () => expect(await vaults()).toEqual(["kv-a", "kv-b"]));
    expect(screen.queryByRole("button", { name: "Load more" })).toBeNull();
  });

  test("that cannot be read are a failure, not an empty list", async () => {
    open(PLANNED, { items: { status: 503, body: { error: { code: "unavailable", message: "The store is busy." } } } });
    expect((await screen.findByRole("alert")).textContent).toContain("The store is busy.");
    expect(screen.queryByText("No vault matches")).toBeNull();
  });
});
