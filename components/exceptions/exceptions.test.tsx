import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, test, vi } from "vitest";
import { renderInProduct, stubApi, TOKEN } from "@/components/testing/render";
import { board, row } from "@/components/testing/samples";
import type { ExceptionList, VaultException } from "@/lib/exceptions/exceptions.pure";
import { AddExceptionDialog } from "./add-exception-dialog";
import { ExceptionPanel } from "./exception-panel";
import { ExceptionsPage } from "./exceptions-page";
import type { AddException, EndException } from "./use-exceptions";

const ID = "11111111-2222-4333-8444-555555555555";
const SUBSCRIPTION = `/subscriptions/${ID}`;
const GROUP = `${SUBSCRIPTION}/resourcegroups/rg-shop`;
const DAY = 24 * 60 * 60 * 1000;
const inDays = (days: number) => new Date(Date.now() + days * DAY).toISOString();

function exception(id: string, change: Partial<VaultException> = {}): VaultException {
  const common = { kind: "exemption" as const, scope: row().id, reason: "Public certificates only", by: "Kim" };
  return { id, ...common, createdAt: "2026-11-01T00:00:00.000Z", until: inDays(12.5), ...change };
}

function doing() {
  const add = vi.fn<AddException>(async () => ({ ok: true, data: { id: "e9" } }));
  const end = vi.fn<EndException>(async () => ({ ok: true, data: { id: "e1" } }));
  return { add, end };
}

function open(list: Partial<ExceptionList> = {}, search = "") {
  const actions = doing();
  const none = { active: 0, past: 0 };
  const server: ExceptionList = { active: [], past: [], leftOut: none, mayChange: true, ...list };
  stubApi((path) => {
    if (path === "/api/subscriptions") return { body: { names: { [ID]: "Shop production" } } };
    return { body: path === "/api/vaults" ? board([row(), row({ name: "kv-hr" })]) : server };
  });
  renderInProduct(<ExceptionsPage {...actions} />, { search });
  return { ...actions, server };
}

describe("the list of exceptions", () => {
  test("says where, what, why, by whom and until when, in the order of the server", async () => {
    open({ active: [exception("e1"), exception("e2", { kind: "exclusion", scope: GROUP, by: "Sam" })] });
    const [first, second] = (await screen.findAllByRole("row")).slice(1);
    expect(first?.textContent).toMatch(/kv-ordersVault.*Exempt.*Public certificates only.*Kim.*12 days left/);
    expect(second?.textContent).toMatch(/rg-shopResource group.*Left out.*Sam/);
  });

  test("is searched by every word, and those that are over show on demand", async () => {
    const past = { ...exception("e3", { reason: "Old sandbox" }), endedAt: "2026-11-02T00:00:00.000Z", endedBy: "Sam" };
    open({ active: [exception("e1"), exception("e2", { scope: GROUP })], past: [past] }, "?q=rg-shop");
    expect((await screen.findAllByRole("row")).slice(1)).toHaveLength(2);
    await userEvent.type(screen.getByRole("searchbox"), " sandbox");
    await screen.findByText("No exception matches");
    await userEvent.click(screen.getByLabelText("Also those that are over"));
    const line = await screen.findByRole("row", { name: /Old sandbox/ });
    expect(line.textContent).toContain("by Sam");
    expect(within(line).queryByRole("button")).toBeNull();
  });

  test("is ended only after asking", async () => {
    const { end } = open({ active: [exception("e1")] });
    await userEvent.click(await screen.findByRole("button", { name: "End the exception of kv-orders" }));
    expect(end).not.toHaveBeenCalled();
    await userEvent.click(await screen.findByRole("button", { name: "End it" }));
    await waitFor(() => expect(end).toHaveBeenCalledWith(TOKEN, { id: "e1" }));
  });

  test("names a subscription, in the list, in its search and before it is ended", async () => {
    open({ active: [exception("e1", { scope: SUBSCRIPTION }), exception("e2")] }, "?q=production");
    await screen.findByRole("row", { name: /Shop production/ });
    await userEvent.click(await screen.findByRole("button", { name: "End the exception of Shop production" }));
    expect((await screen.findByRole("dialog")).textContent).toContain("Subscription Shop production:");
    expect(document.body.textContent).not.toContain(ID);
  });

  test("can only be read by analysts", async () => {
    open({ active: [exception("e1")], mayChange: false });
    await screen.findByRole("row", { name: /kv-orders/ });
    expect(screen.queryByRole("button", { name: /^End|^Add/ })).toBeNull();
  });

  test("says how many are about vaults that the person may not read, those that are over on demand", async () => {
    open({ active: [exception("e1")], leftOut: { active: 1, past: 2 } });
    await screen.findByText("1 exception of vaults that you may not read in Azure is not shown.");
    await userEvent.click(screen.getByLabelText("Also those that are over"));
    await screen.findByText("3 exceptions of vaults that you may not read in Azure are not shown.");
  });

  test("that is empty does not claim that there is none where there is", async () => {
    open({ leftOut: { active: 1, past: 0 } });
    await screen.findByText("There is no exception in what you may read");
    expect(screen.queryByText("Every vault is expected to hold a honeytoken.")).toBeNull();
  });

  test("that is empty says what that means", async () => {
    open();
    await screen.findByText("There is no exception");
  });
});

describe("adding an exception", () => {
  test("for a resource group that the person chooses", async () => {
    const { add } = open();
    await userEvent.click(await screen.findByRole("button", { name: "Add an exception" }));
    const dialog = within(await screen.findByRole("dialog"));
    await userEvent.selectOptions(await dialog.findByLabelText(/^Subscription/), "Production");
    await userEvent.selectOptions(dialog.getByLabelText("Resource group"), "rg-shop");
    dialog.getByText("Holds for 2 vaults that you see now.");
    await userEvent.type(dialog.getByLabelText(/^Reason/), "One team's sandbox");
    await userEvent.click(dialog.getByRole("button", { name: "Add" }));
    await waitFor(() => expect(add).toHaveBeenCalledOnce());
    expect(add.mock.calls[0]?.[1]).toMatchObject({ kind: "exemption", scope: GROUP, reason: "One team's sandbox" });
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  });

  test("without place, reason or day is refused at the fields, and nothing is sent", async () => {
    const { add } = open();
    await userEvent.click(await screen.findByRole("button", { name: "Add an exception" }));
    const dialog = within(await screen.findByRole("dialog"));
    await dialog.findByLabelText(/^Subscription/);
    await userEvent.type(dialog.getByLabelText(/^Reason/), "short");
    await userEvent.clear(dialog.getByLabelText(/^Last day/));
    await userEvent.click(dialog.getByRole("button", { name: "Add" }));
    for (const words of ["Choose where it holds.", "Say why, in at least 10 characters.", "Choose a day."]) {
      dialog.getByText(words);
    }
    expect(add).not.toHaveBeenCalled();
  });

  test("that the server refuses says so where it belongs, and keeps what was typed", async () => {
    const error = { code: "invalid" as const, field: "reason", message: "The reason holds the name of a honeytoken." };
    const add = vi.fn<AddException>(async () => ({ ok: false, error }));
    renderInProduct(<AddExceptionDialog open add={add} vault={row()} onClose={() => {}} />);
    const reason = await screen.findByLabelText(/^Reason/);
    await userEvent.type(reason, "Because of that one");
    await userEvent.click(screen.getByRole("button", { name: "Add" }));
    await screen.findByText("The reason holds the name of a honeytoken.");
    expect(reason).toHaveProperty("value", "Because of that one");
    expect(add.mock.calls[0]?.[1]).toMatchObject({ scope: row().id });
  });
});

describe("the exceptions of one vault", () => {
  const show = (exceptions: VaultException[], mayChange: boolean) =>
    renderInProduct(<ExceptionPanel vault={row()} exceptions={exceptions} mayChange={mayChange} {...doing()} />);

  test("say why, by whom, until when, and how far they reach", () => {
    show([exception("e1"), exception("e2", { kind: "exclusion", scope: GROUP })], false);
    const [own, wide] = screen.getAllByRole("listitem");
    expect(own?.textContent).toMatch(/Exempt.*until.*Public certificates only.*Kim$/);
    expect(wide?.textContent).toContain("for the whole resource group rg-shop");
    expect(screen.queryByRole("button")).toBeNull();
  });

  test("take no room where there is none and nothing may be added", () => {
    show([], false);
    expect(screen.queryByText("Exceptions")).toBeNull();
  });

  test("can be added by administrators", async () => {
    show([], true);
    await userEvent.click(screen.getByRole("button", { name: "Add an exception" }));
    await screen.findByRole("dialog", { name: "Add an exception for kv-orders" });
  });
});
