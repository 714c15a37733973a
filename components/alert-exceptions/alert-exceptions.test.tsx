import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { renderInProduct, stubApi, TOKEN } from "@/components/testing/render";
import { board, row } from "@/components/testing/samples";
import type {
  AlertException,
  AlertExceptionList,
  ForeignException,
  ForeignExceptionList,
  Proposal,
} from "@/lib/detection/alert-exceptions.pure";
import { AlertExceptionsPage } from "./alert-exceptions-page";
import type { AlertExceptionActions } from "./use-alert-exceptions";

const OID = "0d0d0d0d-1111-4111-8111-000000000001";
const DAY = 24 * 60 * 60 * 1000;
const inDays = (days: number) => new Date(Date.now() + days * DAY).toISOString();
const HOSTILE = '<img src=x onerror="alert(1)">=cmd|\u202Etxt';
/** As it is shown: nothing unseen in it. */
const SHOWN = HOSTILE.replace("\u202E", "‹U+202E›");

function exception(change: Partial<AlertException> = {}): AlertException {
  return {
    id: "0e0e0e0e-1111-4111-8111-000000000001",
    callerOid: OID,
    callerName: "Nightly backup",
    operations: ["SecretBackup"],
    place: { level: "everywhere", vault: null, decoy: null },
    reason: "Backs up everything each night",
    from: inDays(-10),
    until: inDays(60),
    confirmedBy: "Kim",
    confirmedAt: inDays(-10),
    publication: "published",
    problem: null,
    review: null,
    ...change,
  };
}

const proposal: Proposal = {
  callerOid: OID,
  callerName: HOSTILE,
  managedIdentity: true,
  operations: ["SecretBackup", "KeyBackup"],
  vaults: [{ id: row().id, name: "kv-orders", path: "/vaults/a/b/kv-orders" }],
  days: 29,
  touches: 58,
  leastOthers: 12,
  addresses: 1,
  first: inDays(-30),
  last: inDays(-1),
};

function foreignRow(change: Partial<ForeignException> = {}): ForeignException {
  return {
    itemId: "0f0f0f0f-1111-4111-8111-000000000001",
    caller: OID,
    operation: "SecretGet",
    place: { level: "everywhere", vault: null, decoy: null },
    placeText: "*",
    from: inDays(-3),
    until: inDays(300),
    effect: "lowers",
    written: {
      created: { name: "Mallory", at: inDays(-3) },
      updated: { name: "Trent", at: inDays(-1) },
    },
    refusal: null,
    ...change,
  };
}

function open(
  list: Partial<AlertExceptionList> = {},
  proposals: Proposal[] | number = [],
  others: Partial<ForeignExceptionList> = {},
) {
  const actions = {
    add: vi.fn<AlertExceptionActions["add"]>(async () => ({ ok: true, data: { id: "x" } })),
    renew: vi.fn<AlertExceptionActions["renew"]>(async () => ({ ok: true, data: { id: "x" } })),
    end: vi.fn<AlertExceptionActions["end"]>(async () => ({ ok: true, data: { id: "x" } })),
    dismiss: vi.fn<AlertExceptionActions["dismiss"]>(async () => ({ ok: true, data: { dismissed: "x" } })),
    takeOver: vi.fn<AlertExceptionActions["takeOver"]>(async () => ({ ok: true, data: { id: "x" } })),
    remove: vi.fn<AlertExceptionActions["remove"]>(async () => ({ ok: true, data: { removed: "x" } })),
  };
  stubApi((path) => {
    if (path === "/api/vaults") return { body: board([row()]) };
    if (path === "/api/alert-exceptions/foreign")
      return { body: { foreign: [], more: 0, readAt: inDays(0), vaultsLeftOut: 0, mayChange: true, ...others } };
    if (path !== "/api/alert-exceptions/proposals")
      return { body: { current: [], past: [], vaultsLeftOut: 0, mayChange: true, ...list } };
    if (typeof proposals === "number") {
      return { status: proposals, body: { error: { code: "unavailable", message: "The log gave only a part." } } };
    }
    return { body: { proposals, readAt: inDays(0), vaultsLeftOut: 0 } };
  });
  renderInProduct(<AlertExceptionsPage {...actions} />);
  return actions;
}

test("each exception says who, what, where, why, by whom and until when", async () => {
  open({
    current: [exception(), exception({ id: "2", callerName: HOSTILE, review: "ending", publication: "waiting" })],
  });
  const [first, second] = (await screen.findAllByRole("row")).slice(1);
  expect(first?.textContent).toMatch(/Nightly backup.*SecretBackup.*Everywhere.*each night.*Kim.*In effect.*until/);
  expect(second?.textContent).toContain(SHOWN);
  expect(second?.textContent).toMatch(/Ends soon.*Being published/);
  screen.getByText("One needs a decision");
  expect(document.querySelector("img")).toBeNull();
});

test("one that could not be published says why, and a recovered one that nobody confirmed it", async () => {
  const problem = "Azure takes 100000 changes a month.";
  open({ current: [exception({ publication: "failed", problem, confirmedAt: null, confirmedBy: null })] });
  const line = await screen.findByRole("row", { name: /Nightly backup/ });
  expect(line.textContent).toMatch(/Nobody has confirmed it.*Not published.*100000 changes/);
});

test("one whose time is over is renewed for a new reason, or let go", async () => {
  const over = exception({ review: "over", until: inDays(-1) });
  const { renew, end } = open({ current: [over] });
  await userEvent.click(await screen.findByRole("button", { name: "Renew the exception of Nightly backup" }));
  const dialog = within(await screen.findByRole("dialog"));
  await userEvent.click(dialog.getByRole("button", { name: "Confirm and renew" }));
  dialog.getByText(/Say why, in at least 10/);
  expect(renew).not.toHaveBeenCalled();
  await userEvent.type(dialog.getByLabelText(/^Reason/), "Asked the backup team again");
  await userEvent.click(dialog.getByRole("button", { name: "Confirm and renew" }));
  await waitFor(() => expect(renew).toHaveBeenCalledOnce());
  expect(renew.mock.calls[0]).toMatchObject([TOKEN, { id: over.id, reason: "Asked the backup team again" }]);
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  await userEvent.click(screen.getByRole("button", { name: "Let go the exception of Nightly backup" }));
  await userEvent.click(await screen.findByRole("button", { name: "Let it go" }));
  await waitFor(() => expect(end).toHaveBeenCalledWith(TOKEN, { id: over.id }));
});

test("what the log shows is confirmed with a form that is filled in, or dismissed", async () => {
  const { add, dismiss } = open({}, [proposal]);
  const item = await screen.findByText(/58 touches on 29 days, from one address, each day with at least 12 other/);
  expect(item.closest("li")?.textContent).toContain(SHOWN);
  await userEvent.click(screen.getByRole("button", { name: /^Confirm/ }));
  const dialog = within(await screen.findByRole("dialog"));
  await dialog.findByDisplayValue(/^kv-orders/);
  await userEvent.type(dialog.getByLabelText(/^Reason/), "The backup team confirms it");
  await userEvent.click(dialog.getByRole("button", { name: "Confirm and add" }));
  await waitFor(() => expect(add).toHaveBeenCalledOnce());
  expect(add.mock.calls[0]?.[1]).toMatchObject({
    callerOid: OID,
    operations: ["SecretBackup", "KeyBackup"],
    scope: { level: "vault", vaultId: row().id },
    reason: "The backup team confirms it",
  });
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  await userEvent.click(screen.getByRole("button", { name: /^Dismiss/ }));
  await waitFor(() => expect(dismiss).toHaveBeenCalledWith(TOKEN, { callerOid: OID }));
});

test("a form without an object id, an operation or a place says so at each and sends nothing", async () => {
  const { add } = open();
  await userEvent.click(await screen.findByRole("button", { name: "Add an alert exception" }));
  const dialog = within(await screen.findByRole("dialog"));
  await userEvent.type(dialog.getByLabelText(/^Object id/), "python-requests/2.32.3");
  await dialog.findByLabelText(/^Vault/);
  await userEvent.click(dialog.getByRole("button", { name: "Confirm and add" }));
  dialog.getByText(/This is no object id/);
  dialog.getByText("Choose at least one operation.");
  dialog.getByText("Choose where it holds.");
  expect(add).not.toHaveBeenCalled();
});

test("an analyst reads everything and decides nothing; a log that cannot be read leaves the rest", async () => {
  open({ current: [exception()], mayChange: false }, 503, { foreign: [foreignRow()], mayChange: false });
  await screen.findByRole("row", { name: /Nightly backup/ });
  await screen.findByText(/only a part/);
  await screen.findByText("Lowers alerts now");
  expect(screen.queryByRole("button", { name: /^(Renew|End|Add|Confirm|Dismiss|Take|Remove)/ })).toBeNull();
});

test("without any it says what that means", async () => {
  open();
  await screen.findByText("There is no alert exception");
  await screen.findByText(/No application read whole vaults/);
});

const card = async () =>
  (await screen.findByRole("heading", { name: "Not written by this product" })).closest("section");
const lines = async () =>
  within((await card()) ?? document.body)
    .getAllByRole("listitem")
    .map(({ textContent }) => textContent);

test("a row that nobody decided about here says what it lowers, who wrote it and when, whatever stands in it", async () => {
  const odd = foreignRow({
    itemId: "2",
    caller: HOSTILE,
    operation: "",
    place: null,
    placeText: "<b>",
    until: null,
    effect: "unclear",
    written: null,
    refusal: "It names no object id, so it cannot be an exception.",
  });
  open({}, [], { foreign: [foreignRow(), odd], more: 3, vaultsLeftOut: 2 });
  await screen.findByText("5 rows of the register that nobody decided about here");
  const [first, second] = await lines();
  expect(first).toMatch(
    /Lowers alerts now.*Read secrets \(SecretGet\), everywhere, from .* until .*Written by Mallory, .*by Trent, /,
  );
  expect(second).toContain(SHOWN);
  expect(second).toMatch(/May lower alerts.*no operation.*no place: <b>.*no readable time.*could not be asked/);
  expect(second).toMatch(/names no object id.*Remove$/);
  expect((await card())?.textContent).toMatch(/And 3 more.*in 2 vaults that you may not read/);
  expect(document.querySelector("img, b")).toBeNull();
  expect(screen.getAllByRole("button", { name: /^Take over/ })).toHaveLength(1);
});

test("it is taken over only after a second look, which says that this confirms nothing", async () => {
  const { takeOver, remove } = open({}, [], { foreign: [foreignRow()] });
  await userEvent.click(await screen.findByRole("button", { name: `Take over the row for ${OID}` }));
  await screen.findByText(/an exception that nobody has confirmed/);
  expect(takeOver).not.toHaveBeenCalled();
  await userEvent.click(screen.getByRole("button", { name: "Take it over" }));
  await waitFor(() => expect(takeOver).toHaveBeenCalledWith(TOKEN, { itemId: foreignRow().itemId }));
  expect(remove).not.toHaveBeenCalled();
});

test("it is removed after a second look, and why it could not be is said beside it", async () => {
  const { remove } = open({}, [], { foreign: [foreignRow()] });
  remove.mockResolvedValue({ ok: false, error: { code: "forbidden", message: "Azure refused to delete the row." } });
  await userEvent.click(await screen.findByRole("button", { name: `Remove the row for ${OID}` }));
  await userEvent.click(await screen.findByRole("button", { name: "Remove it" }));
  await waitFor(() => expect(remove).toHaveBeenCalledWith(TOKEN, { itemId: foreignRow().itemId }));
  await screen.findByText("Azure refused to delete the row.");
});

test("with none of them it says so", async () => {
  open();
  await screen.findByText("Every exception in the published register was decided here.");
});
