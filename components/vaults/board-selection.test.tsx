import { act, cleanup, configure, fireEvent, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { Plan } from "@/components/plan/plan-dialog";
import { fakeSession, renderInProduct, stubApi, TOKEN } from "@/components/testing/render";
import { board, row } from "@/components/testing/samples";
import { VaultsPage } from "./vaults-page";

const push = vi.fn();
vi.mock("next/navigation", () => ({ useRouter: () => ({ push }) }));
vi.mock("@/components/charts/coverage-chart", () => ({ CoverageChart: () => null }));

const DEVELOPMENT = { subscriptionId: "99999999-2222-4333-8444-555555555555", subscription: "Development" };
const VAULTS = [
  row({ name: "kv-orders" }),
  row({ name: "kv-billing", state: "protected", reason: "rows_arriving" }),
  row({ name: "kv-lab", ...DEVELOPMENT, state: "unknown", reason: "not_collected" }),
];

async function open({ search = "", roles = ["Administrator"], vaults = VAULTS } = {}) {
  push.mockClear();
  const plan = vi.fn<Plan>(async () => ({ ok: true, data: { id: "p1" } }));
  stubApi((path) => {
    if (path === "/api/plan/defaults") return { body: { spreadHours: 6 } };
    return path === "/api/vaults" ? { body: board(vaults) } : undefined;
  });
  renderInProduct(<VaultsPage plan={plan} startDrills={vi.fn()} />, { session: fakeSession({ roles }), search });
  const table = await screen.findByRole("table", { name: "Vaults" });
  return { plan, table };
}

const bar = () => screen.getByRole("region", { name: "Selection" });
const tick = (name: string) => screen.getByRole<HTMLInputElement>("checkbox", { name });

describe("choosing vaults on the board", () => {
  test("by ticking one shows what can be planned for it, and takes the offers for all away", async () => {
    await open();
    expect(screen.queryByRole("region", { name: "Selection" })).toBeNull();
    await userEvent.click(tick("Select kv-orders"));
    expect(within(bar()).getByText("1 vault selected")).toBeDefined();
    expect(within(bar()).getByRole("button", { name: "Plan honeytokens for 1 vault" })).toBeDefined();
    expect(screen.queryByRole("button", { name: /Plan for all/ })).toBeNull();
    await userEvent.click(within(bar()).getByRole("button", { name: "Clear" }));
    expect(tick("Select kv-orders").checked).toBe(false);
    expect(screen.queryByRole("region", { name: "Selection" })).toBeNull();
  });

  test("with the keyboard: Space on a vault's link, one tab stop a row, and the bar before the list", async () => {
    const { table } = await open();
    const link = within(table).getByRole("link", { name: "kv-orders" });
    act(() => link.focus());
    await userEvent.keyboard(" ");
    expect(tick("Select kv-orders").checked).toBe(true);
    expect(document.activeElement).toBe(link);
    await userEvent.keyboard(" ");
    expect(tick("Select kv-orders").checked).toBe(false);
    await userEvent.keyboard(" ");
    expect(tick("Select kv-orders").tabIndex).toBe(-1);
    const order = bar().compareDocumentPosition(table);
    expect(order & Node.DOCUMENT_POSITION_FOLLOWING).toBeTruthy();
  });

  test("Space on a tick box itself counts once", async () => {
    await open();
    const box = tick("Select kv-orders");
    act(() => box.focus());
    await userEvent.keyboard(" ");
    expect(box.checked).toBe(true);
  });

  test("by a subscription's heading, which is half ticked while some are left out", async () => {
    await open();
    await userEvent.click(tick("Select the vaults of Production"));
    expect(within(bar()).getByText("2 vaults selected")).toBeDefined();
    expect(tick("Select kv-lab").checked).toBe(false);
    expect(tick("Select all 3 shown").indeterminate).toBe(true);
    await userEvent.click(tick("Select kv-billing"));
    expect(tick("Select the vaults of Production").indeterminate).toBe(true);
    await userEvent.click(tick("Select the vaults of Production"));
    await userEvent.click(tick("Select the vaults of Production"));
    expect(screen.queryByRole("region", { name: "Selection" })).toBeNull();
  });

  test("survives another filter", async () => {
    await open();
    await userEvent.click(tick("Select kv-orders"));
    await userEvent.type(screen.getByRole("searchbox", { name: "Search vaults" }), "lab");
    await vi.waitFor(() => expect(screen.queryByRole("link", { name: "kv-orders" })).toBeNull());
    expect(within(bar()).getByText("1 vault selected")).toBeDefined();
    expect(within(bar()).getByText("It is not in the list now")).toBeDefined();
  });

  test("by a filter is called that while the filter stands, and says how many are out of sight after it", async () => {
    await open();
    await userEvent.click(tick("Select all 3 shown"));
    expect(within(bar()).getByText("All that the filter shows")).toBeDefined();
    const search = screen.getByRole("searchbox", { name: "Search vaults" });
    await userEvent.type(search, "production");
    await within(bar()).findByText("1 of them is not in the list now");
    expect(within(bar()).getByText("All that another filter shows")).toBeDefined();
    expect(within(bar()).queryByText("All that the filter shows")).toBeNull();
    expect(within(bar()).getByRole("button", { name: "Plan honeytokens for 3 vaults" })).toBeDefined();
    await userEvent.type(search, " nothing");
    await within(bar()).findByText("None of them is in the list now");
    await userEvent.clear(search);
    await within(bar()).findByText("All that the filter shows");
  });

  test("by a filter that shows less than now says so, and counts nothing as out of sight", async () => {
    await open({ search: "?q=production" });
    await userEvent.click(tick("Select all 2 shown"));
    await userEvent.clear(screen.getByRole("searchbox", { name: "Search vaults" }));
    await within(bar()).findByText("All that a filter shows");
    expect(within(bar()).queryByText(/in the list now/)).toBeNull();
  });
});

describe("planning from the board", () => {
  // Without a layout nothing in a dialog can take the focus, so that Fluent soon marks the dialog itself as hidden.
  beforeAll(() => configure({ defaultHidden: true }));
  afterAll(() => configure({ defaultHidden: false }));

  const makePlan = async () => userEvent.click(await screen.findByRole("button", { name: "Make the plan" }));

  // A dialog that is left open would go on holding the focus in the next test.
  const leave = async () => {
    await userEvent.click(screen.getByRole("button", { name: "Cancel" }));
    await vi.waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  };

  test("for the selected vaults sends them and leads to the plan", async () => {
    const { plan } = await open();
    await userEvent.click(tick("Select kv-orders"));
    await userEvent.click(screen.getByRole("button", { name: "Plan honeytokens for 1 vault" }));
    await screen.findByRole("dialog", { name: "Plan honeytokens for 1 vault" });
    const hours = screen.getByRole<HTMLInputElement>("textbox", { name: "Spread over hours" });
    expect(hours.value).toBe("");
    // An empty field is not sent, and says what it stands for.
    await screen.findByText(/^Empty = as the settings say, which is 6 now\./);
    await makePlan();
    await vi.waitFor(() => expect(push).toHaveBeenCalledWith("/deployments/p1"));
    expect(plan).toHaveBeenCalledWith(TOKEN, {
      operation: "plant",
      selection: { by: "vaults", vaultIds: [row().id] },
      kind: "auto",
      addToExisting: false,
      acceptUnknownReaders: false,
      history: false,
    });
  });

  test("for all that is shown sends the filter of the address, not the vaults", async () => {
    const { plan } = await open({ search: "?state=unprotected&q=kv" });
    await userEvent.click(tick("Select all 1 shown"));
    expect(within(bar()).getByText("All that the filter shows")).toBeDefined();
    await userEvent.click(screen.getByRole("button", { name: "Plan removal…" }));
    await screen.findByRole("dialog", { name: "Plan the removal of honeytokens from 1 vault" });
    expect(screen.queryByText("How many in each vault")).toBeNull();
    await makePlan();
    await vi.waitFor(() => expect(plan).toHaveBeenCalledOnce());
    expect(plan.mock.calls[0]?.[1]).toMatchObject({
      operation: "retire",
      selection: { by: "filter", query: { q: "kv", states: ["unprotected"], subscriptions: [], mine: false } },
    });
  });

  test.each([
    ["in every vault", "Plan replacement in every vault…", "every vault", "all"],
    ["in all that are shown", "Plan replacement in all shown…", "3 vaults", "filter"],
    ["in the selected vaults", "Plan replacement…", "1 vault", "vaults"],
  ])("replaces %s", async (_, name, where, by) => {
    const { plan } = await open();
    if (by === "vaults") await userEvent.click(tick("Select kv-orders"));
    await userEvent.click(screen.getByRole("button", { name }));
    await screen.findByRole("dialog", { name: `Plan new honeytokens for ${where}` });
    // As many as there were, whatever the settings say for new ones.
    expect(screen.getByRole("option", { name: "As many as are replaced" })).toBeDefined();
    await makePlan();
    await vi.waitFor(() => expect(plan).toHaveBeenCalledOnce());
    expect(plan.mock.calls[0]?.[1]).toMatchObject({ operation: "replace", selection: { by } });
  });

  test("takes every choice along", async () => {
    const { plan } = await open();
    await userEvent.click(screen.getByRole("button", { name: "Plan for all 3 shown" }));
    await screen.findByRole("dialog", { name: "Plan honeytokens for 3 vaults" });
    await userEvent.click(screen.getByRole("radio", { name: /^Secrets/ }));
    await userEvent.selectOptions(screen.getByRole("combobox", { name: "How many in each vault" }), "2");
    await userEvent.click(tick("Also where a working honeytoken is already"));
    await userEvent.click(tick("Write further versions later, as each vault's own secrets and keys get them"));
    await userEvent.click(tick("Secrets also where too few days of log are there to say who reads; I take that risk"));
    fireEvent.change(screen.getByRole("textbox", { name: "Spread over hours" }), { target: { value: "48" } });
    await makePlan();
    await vi.waitFor(() => expect(plan).toHaveBeenCalledOnce());
    expect(plan.mock.calls[0]?.[1]).toMatchObject({
      selection: { by: "filter" },
      kind: "secret",
      count: 2,
      addToExisting: true,
      acceptUnknownReaders: true,
      spreadHours: 48,
      history: true,
    });
  });

  test("refuses hours that are none, beside the field, and can be left", async () => {
    const { plan } = await open();
    await userEvent.click(screen.getByRole("button", { name: "Plan for all 3 shown" }));
    const field = await screen.findByRole("textbox", { name: "Spread over hours" });
    for (const hours of ["1.5", "-1", "4321", "soon"]) {
      fireEvent.change(field, { target: { value: hours } });
      expect(screen.queryByText("Give whole hours from 0 to 4,320.")).toBeNull();
      await makePlan();
      await screen.findByText("Give whole hours from 0 to 4,320.");
      expect(field.getAttribute("aria-invalid"), hours).toBe("true");
    }
    expect(plan).not.toHaveBeenCalled();
    await leave();
  });

  test("for every vault is offered to administrators only", async () => {
    const { plan } = await open();
    await userEvent.click(screen.getByRole("button", { name: "Plan for every vault" }));
    await screen.findByRole("dialog", { name: "Plan honeytokens for every vault" });
    await makePlan();
    await vi.waitFor(() => expect(plan.mock.calls[0]?.[1]).toMatchObject({ selection: { by: "all" } }));
  });

  test("is offered to an owner for what that person sees", async () => {
    await open({ roles: ["Key Vault owner"] });
    expect(screen.getByRole("button", { name: "Plan for all 3 shown" })).toBeDefined();
    expect(screen.queryByRole("button", { name: "Plan for every vault" })).toBeNull();
  });

  test("is offered to an analyst only who may write in some vault; drills are, whatever may be written", async () => {
    await open({ roles: ["SOC analyst"] });
    const plans = () => screen.queryAllByRole("button", { name: /^Plan / });
    expect(screen.getByRole("button", { name: "Drill 3 vaults…" })).toBeDefined();
    expect(plans()).toEqual([]);
    await userEvent.click(tick("Select kv-orders"));
    expect(within(bar()).getByRole("button", { name: "Drill 1 vault…" })).toBeDefined();
    expect(plans()).toEqual([]);
    cleanup();
    await open({ roles: ["SOC analyst"], vaults: [...VAULTS, row({ name: "kv-own", mine: true })] });
    expect(screen.getByRole("button", { name: "Plan for all 4 shown" })).toBeDefined();
    await userEvent.click(tick("Select kv-own"));
    expect(within(bar()).getByRole("button", { name: "Plan removal…" })).toBeDefined();
  });

  test("that is refused says why and stays where it is", async () => {
    const { plan } = await open();
    const error = {
      code: "forbidden" as const,
      message: "You may plant in none of them.",
      fix: "Ask an administrator.",
    };
    plan.mockResolvedValue({ ok: false, error });
    await userEvent.click(screen.getByRole("button", { name: "Plan for all 3 shown" }));
    await makePlan();
    await screen.findByText("You may plant in none of them. Ask an administrator.");
    expect(push).not.toHaveBeenCalled();
    await leave();
  });
});
