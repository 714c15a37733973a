import { act, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, onTestFinished, test, vi } from "vitest";
import type { Plan } from "@/components/plan/plan-dialog";
import { type Answer, renderInProduct, stubApi, TOKEN } from "@/components/testing/render";
import { STEP_STATES, STEPS } from "@/lib/incidents/containment.pure";
import type { Activity, CallerIdentity, IncidentView } from "@/lib/incidents/incident.pure";
import { IncidentPage } from "./incident-page";
import type { ChangeIncident, RecordStep } from "./use-incident";

const saved = vi.hoisted(() => vi.fn());
vi.mock("@/components/ui/save-file", () => ({ saveFile: saved }));

const ID = "33333333-3333-4333-8333-333333333333";
const ME = "11111111-1111-4111-8111-111111111111";
const VAULT =
  "/subscriptions/11111111-2222-4333-8444-555555555555/resourcegroups/rg-shop/providers/microsoft.keyvault/vaults/kv-shop";
const AT = "2026-11-22T12:00:00.000Z";
const HOSTILE = '<img src=x onerror=alert(1)>"; drop\u202egnp.exe =cmd()';
/** As it is shown: nothing unseen in it. */
const SHOWN = HOSTILE.replace("\u202e", "‹U+202E›");

function call(place: number, change: Partial<Activity> = {}): Activity {
  return {
    place,
    at: AT,
    caller: "oid",
    operation: "SecretGet",
    status: 200,
    vaultId: VAULT,
    kind: "secrets",
    name: "db-password",
    tokenKey: `${VAULT}/secrets/db-password`,
    ip: "203.0.113.9",
    client: "curl",
    requestId: "r",
    touch: false,
    ...change,
  };
}

const all = <T,>(...rows: T[]) => ({ ok: true as const, rows, more: false, partial: null });

function incident(change: Partial<IncidentView> = {}): IncidentView {
  return {
    id: ID,
    number: 12,
    title: "Honeytoken touched",
    sentence: "Somebody touched something.",
    description: "",
    about: "touch",
    silent: all(),
    through: "sentinel",
    url: "https://portal.azure.com/#x",
    createdAt: AT,
    firstTouch: AT,
    state: { etag: "e1", status: "New", severity: "High", labels: [], modifiedAt: AT },
    stateProblem: null,
    comments: all(),
    decoys: [],
    vaults: [VAULT],
    entitiesProblem: null,
    window: { minutes: 60, from: AT, to: AT },
    activity: all(call(0), call(1, { name: "archive-reader", touch: true, status: 403 })),
    callers: all(),
    reads: all(),
    colleagues: all(),
    queries: [],
    steps: STEPS.touch.map((step) => ({
      step,
      state: "open" as const,
      events: [],
      may: [step === "disable" ? ("request" as const) : ("done" as const)],
    })),
    me: { oid: ME, name: "Ana Analyst", upn: "ana@contoso.test" },
    ...change,
  };
}

function open(first: IncidentView | Answer, search = "") {
  const server = { answer: "body" in first ? first : { body: first } };
  const asked = stubApi(() => server.answer);
  const change = vi.fn<ChangeIncident>(async () => ({ ok: true, data: {} }));
  const record = vi.fn<RecordStep>(async () => ({ ok: true, data: { id: ID } }));
  const plan = vi.fn<Plan>();
  const page = <IncidentPage id={ID} change={change} record={record} plan={plan} />;
  const { unmount } = renderInProduct(page, { search });
  return { server, asked, change, record, unmount };
}

test("hostile names, agents and comments are text, kept from turning what stands around them", async () => {
  const rows = all(call(0, { operation: HOSTILE, client: HOSTILE, ip: HOSTILE, name: HOSTILE }));
  open(
    incident({
      title: HOSTILE,
      sentence: HOSTILE,
      activity: rows,
      comments: all({ message: HOSTILE, by: HOSTILE, at: AT }),
    }),
  );
  const shown = await screen.findAllByText(SHOWN);
  expect(shown.length).toBeGreaterThan(6);
  for (const element of shown) expect(element.tagName).toBe("BDI");
  expect(document.querySelector("img")).toBeNull();
});

test("the lines of a comment stay lines", async () => {
  open(incident({ comments: all({ message: "rotated\r\n\u202ewas \tasked", by: "Kim", at: AT }) }));
  const shown = await screen.findByText(/rotated/);
  expect(shown.textContent).toBe("rotated\n‹U+202E›was ‹U+0009›asked");
});

test("the calls are saved as CSV in which nothing runs as a formula or is unseen", async () => {
  open(incident({ activity: all(call(0, { client: `=${HOSTILE}`, ip: "@sum(1)" })) }));
  await userEvent.click(await screen.findByRole("button", { name: "Download these calls" }));
  const [name, , parts] = saved.mock.calls[0] ?? [];
  expect(name).toBe("incident-12-calls.csv");
  const text = parts.join("");
  expect(text).toContain(",'@sum(1),");
  expect(text).toContain(`"'=${SHOWN.replaceAll('"', '""')}"`);
  expect(text).not.toContain("\u202e");
});

test("touches are marked by a word, and refused calls stand beside allowed ones", async () => {
  open(incident());
  const rows = within(await screen.findByRole("table", { name: "Calls of the caller" })).getAllByRole("row");
  expect(rows.map((row) => row.textContent).slice(1)).toEqual([
    expect.stringMatching(/allowed \(200\).*db-password/),
    expect.stringMatching(/refused \(403\).*archive-readerHoneytoken/),
  ]);
});

test("a part that failed, and one that is cut, say so beside the others", async () => {
  const problem = { message: "The log workspace took too long.", fix: "Try again." };
  open(
    incident({
      activity: { ok: true, rows: [call(0)], more: true, partial: { message: "Rows are missing.", fix: null } },
      reads: { ok: false, problem },
    }),
  );
  await screen.findByText("The log workspace took too long. Try again.");
  screen.getByText("Rows are missing.");
  screen.getByText(/first 2,000 calls/);
  screen.getByText("db-password");
});

test("the window is part of the address that is asked for", async () => {
  const { asked } = open(incident(), "?minutes=240");
  await screen.findByText("Somebody touched something.");
  expect(asked.mock.calls[0]?.[0]).toBe(`/api/incidents/${ID}?minutes=240`);
  await userEvent.selectOptions(screen.getByLabelText("Before and after the first touch"), "24 hours");
  await waitFor(() => expect(asked.mock.calls.at(-1)?.[0]).toBe(`/api/incidents/${ID}?minutes=1440`));
});

test("only what was changed is sent, with the state that it was decided on", async () => {
  const { change } = open(incident());
  await userEvent.selectOptions(await screen.findByLabelText("Owner"), "Me");
  await userEvent.type(screen.getByLabelText("Add a comment"), "mine now");
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() =>
    expect(change).toHaveBeenCalledWith(TOKEN, {
      id: ID,
      etag: "e1",
      change: { owner: { objectId: ME, name: "Ana Analyst", upn: "ana@contoso.test" }, comment: "mine now" },
    }),
  );
  await screen.findByText("Saved");
});

test("closing asks what it was, and sends classification and reason together", async () => {
  const { change } = open(incident());
  await userEvent.selectOptions(await screen.findByLabelText("Status"), "Closed");
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  await screen.findByText("Say what it was before it is closed.");
  expect(change).not.toHaveBeenCalled();
  await userEvent.selectOptions(screen.getByLabelText(/^It was/), "False positive: inaccurate data");
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() =>
    expect(change.mock.calls[0]?.[1].change).toEqual({
      status: "Closed",
      classification: "FalsePositive",
      classificationReason: "InaccurateData",
    }),
  );
});

test("what changed meanwhile is shown, the entries stay, and it is asked again", async () => {
  const { server, change } = open(incident());
  change.mockResolvedValueOnce({ ok: false, error: { code: "conflict", message: "Somebody changed it." } });
  await userEvent.type(await screen.findByLabelText("Add a comment"), "rotated");
  const state = { etag: "e2", status: "Active", severity: "Low", owner: { name: "Bob" }, labels: [], modifiedAt: AT };
  server.answer = { body: { ...incident(), state } };
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  const notice = await screen.findByText("It changed in the meantime");
  expect(notice.parentElement?.textContent).toMatch(/Active now; it was New.*Low now; it was High.*Bob now/);
  expect(screen.getByRole("button", { name: "Save" })).toHaveProperty("disabled", true);
  await userEvent.click(screen.getByRole("button", { name: "I have seen it, keep my entries" }));
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(change).toHaveBeenCalledTimes(2));
  expect(change.mock.calls[1]?.[1]).toEqual({ id: ID, etag: "e2", change: { comment: "rotated" } });
});

test("a comment that was not added stays in the form, and it is said that the rest was done", async () => {
  const { change } = open(incident());
  const commentProblem = { code: "unavailable" as const, message: "The comment may not have been added." };
  change.mockResolvedValueOnce({ ok: true, data: { commentProblem } });
  await userEvent.selectOptions(await screen.findByLabelText("Status"), "Active");
  await userEvent.type(screen.getByLabelText("Add a comment"), "hello");
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  await screen.findByText("The comment may not have been added.");
  expect(screen.getByLabelText("Add a comment")).toHaveProperty("value", "hello");
});

test("an incident whose portal does not answer is shown and cannot be saved", async () => {
  open(incident({ through: "defender", stateProblem: { message: "No right to it.", fix: null } }));
  await screen.findByText("No right to it.");
  await userEvent.type(screen.getByLabelText("Add a comment"), "x");
  expect(screen.getByRole("button", { name: "Save" })).toHaveProperty("disabled", true);
});

test("a step is recorded with its note; who asked for approval cannot give it", async () => {
  const waiting = incident();
  waiting.steps = waiting.steps.map((step) =>
    step.step === "disable"
      ? {
          step: "disable",
          state: "waiting",
          events: [{ act: "request", oid: ME, by: "Ana", at: AT, note: "" }],
          may: ["undo"],
        }
      : step,
  );
  const { record } = open(waiting);
  await userEvent.type(await screen.findByLabelText("Note: Keep the honeytoken"), "left there");
  await userEvent.click(screen.getByRole("button", { name: "Mark done: Keep the honeytoken" }));
  expect(record).toHaveBeenCalledWith(TOKEN, { id: ID, step: "keep", act: "done", note: "left there" });
  screen.getByText("You asked for this, so somebody else has to agree to it.");
  expect(screen.queryByRole("button", { name: "Approve: Disable the identity" })).toBeNull();
});

test("what disables an identity can be copied only once a second person has agreed", async () => {
  const command = "az ad user update --id x --account-enabled false";
  const caller: CallerIdentity = {
    caller: "oid",
    kind: "user",
    oid: ME,
    upn: "mallory@contoso.test",
    appIds: [],
    managedIdentity: null,
    clients: [],
    addresses: [],
    links: [],
    commands: { sessions: [], disable: [{ about: "Disables this person's account", command }] },
  };
  const first = incident();
  for (const state of STEP_STATES) {
    const steps = first.steps.map((step) => (step.step === "disable" ? { ...step, state } : step));
    const { unmount } = open(incident({ callers: all(caller), steps }));
    await screen.findByText("Somebody touched something.");
    const agreed = state === "approved" || state === "done";
    expect(screen.queryAllByText(command), state).toHaveLength(agreed ? 1 : 0);
    expect(screen.queryAllByText(/once a second person has agreed/), state).toHaveLength(agreed ? 0 : 1);
    unmount();
  }
});

test("commands that are missing since the callers could not be read are said to be", async () => {
  const steps = incident().steps.map((step) =>
    step.step === "disable" ? { ...step, state: "approved" as const } : step,
  );
  const problem = { message: "The log workspace asks to slow down.", fix: null };
  open(incident({ steps, callers: { ok: false, problem } }));
  expect(await screen.findAllByText(/so the commands are missing here/)).toHaveLength(2);
});

test("entities that could not be read are said to be missing, not shown as none", async () => {
  open(incident({ entitiesProblem: { message: "Microsoft Sentinel did not answer.", fix: "Try again." } }));
  await screen.findByText("Microsoft Sentinel did not answer. Try again.");
  screen.getByText(/entities of this incident could not be read/);
  screen.getByText("db-password");
});

test.each([
  ["New", 15],
  ["Active", 15],
  ["Closed", 60],
] as const)("an incident that is %s is asked for again after %d seconds, not before", async (status, seconds) => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  onTestFinished(() => void vi.useRealTimers());
  const { asked } = open(incident({ state: { ...incident().state, status } }));
  await screen.findByText("db-password");
  await act(() => vi.advanceTimersByTimeAsync((seconds - 5) * 1_000));
  expect(asked).toHaveBeenCalledTimes(1);
  await act(() => vi.advanceTimersByTimeAsync(10_000));
  expect(asked).toHaveBeenCalledTimes(2);
});

test("an incident of silence says what the rule says, names the vaults, and asks for no caller", async () => {
  const other = VAULT.replace("kv-shop", "kv-lab");
  open(
    incident({
      sentence: "No audit log from 2 vaults: no heartbeat in any vault.",
      description: "Nothing for 554 hours. Last row: none in three days.",
      about: "silence",
      silent: all(
        { vaultId: VAULT, lastBefore: null, lastRow: null },
        { vaultId: other, lastBefore: "2026-11-20T12:00:00.000Z", lastRow: "2026-11-22T13:00:00.000Z" },
      ),
      activity: all(),
      steps: STEPS.silence.map((step) => ({ step, state: "open" as const, events: [], may: ["done" as const] })),
    }),
  );
  await screen.findByText("Nothing for 554 hours. Last row: none in three days.");
  screen.getByText("What to do now: 0 of 5 done");
  expect(screen.queryByText(/sessions|Rotate|identity behind/)).toBeNull();
  expect(screen.queryByText("What else the caller did")).toBeNull();
  const [silent, speaking] = within(screen.getByRole("table", { name: "Silent vaults" }))
    .getAllByRole("row")
    .slice(1);
  expect(silent?.textContent).toMatch(/kv-shop.*Still silent.*None in the three days before.*None since/);
  expect(speaking?.textContent).toMatch(/kv-lab.*Rows arrive again/);
  expect(screen.getAllByRole("link", { name: "kv-shop" })).toHaveLength(2);
});

test.each([
  [400, "invalid"],
  [403, "forbidden"],
  [404, "not_found"],
])("an incident that is not to be had (%d) is not asked for again", async (status, code) => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  onTestFinished(() => void vi.useRealTimers());
  const { asked } = open({ status, body: { error: { code, message: "There is no such incident." } } });
  await screen.findByText("There is no such incident.");
  await act(() => vi.advanceTimersByTimeAsync(120_000));
  expect(asked).toHaveBeenCalledTimes(1);
});

test("whoever may not read it is told so", async () => {
  open({ status: 403, body: { error: { code: "forbidden", message: "Your account does not have the role." } } });
  await screen.findByText(/does not have the role/);
  expect(screen.getByRole("link", { name: "Go to the incidents" }).getAttribute("href")).toBe("/incidents");
});
