import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, test, vi } from "vitest";
import { type Answer, fakeSession, renderInProduct, stubApi } from "@/components/testing/render";
import { board, row } from "@/components/testing/samples";
import type { Board } from "@/lib/coverage/board.pure";
import { REVIEW_VIEW } from "@/lib/distribution/policies.pure";
import { VaultsPage } from "./vaults-page";

vi.mock("next/navigation", () => ({ useRouter: () => ({ push: vi.fn() }) }));

// Drawing the chart is the chart library's business; its figures are in the table beside it.
vi.mock("@/components/charts/coverage-chart", () => ({ CoverageChart: () => null }));

const DEVELOPMENT = { subscriptionId: "99999999-2222-4333-8444-555555555555", subscription: "Development" };
const VAULTS = [
  row({ name: "kv-orders", state: "unprotected", reason: "not_registered" }),
  row({ name: "kv-billing", state: "protected", reason: "rows_arriving", decoys: 2, mine: true }),
  row({ name: "kv-lab", ...DEVELOPMENT, state: "unknown", reason: "not_collected", checkedAt: null }),
];

async function open(answer: Board | Answer = board(VAULTS), search = "") {
  const urls: string[] = [];
  const session = fakeSession();
  stubApi((path) => (path === "/api/vaults" ? ("body" in answer ? answer : { body: answer }) : undefined));
  renderInProduct(<VaultsPage plan={vi.fn()} startDrills={vi.fn()} />, {
    session,
    search,
    onUrlUpdate: ({ queryString }) => urls.push(queryString),
  });
  return { urls, session };
}

const list = () => screen.findByRole("table", { name: "Vaults" });
const names = async () =>
  within(await list())
    .getAllByRole("link")
    .map((link) => link.textContent);

describe("the board", () => {
  test("shows each vault under its subscription with its state and reason in words, red before green", async () => {
    await open();
    const table = await list();
    expect(await names()).toEqual(["kv-lab", "kv-orders", "kv-billing"]);
    expect(within(table).getByRole("button", { name: /Production\s*2 vaults/ })).toBeDefined();
    const orders = within(table).getByRole("row", { name: /kv-orders/ });
    expect(orders.textContent).toContain("Not protected");
    expect(orders.textContent).toContain("No honeytoken");
    expect(table.getAttribute("aria-rowcount")).toBe("6");
    expect(within(table).getByRole("link", { name: "kv-orders" }).getAttribute("href")).toBe(
      "/vaults/11111111-2222-4333-8444-555555555555/rg-shop/kv-orders",
    );
  });

  test("tells quietly in which vaults a deployment is under way", async () => {
    await open(board([row({ name: "kv-orders", deploying: true }), row({ name: "kv-billing" })]));
    const table = await list();
    expect(within(table).getByRole("row", { name: /kv-orders/ }).textContent).toContain("Deploying");
    expect(within(table).getByRole("row", { name: /kv-billing/ }).textContent).not.toContain("Deploying");
  });

  test("says the figures, and each figure filters by its state", async () => {
    const { urls } = await open();
    await list();
    const red = screen.getByRole("button", { name: /^Not protected\s*1/ });
    expect(red.getAttribute("aria-pressed")).toBe("false");
    await userEvent.click(red);
    expect(await names()).toEqual(["kv-orders"]);
    expect(red.getAttribute("aria-pressed")).toBe("true");
    await vi.waitFor(() => expect(urls.at(-1)).toBe("?state=unprotected"), { timeout: 30_000 });
  });

  test("has the figures of the chart as a table", async () => {
    await open();
    await list();
    const table = screen.getByRole("table", { name: /Coverage by subscription/ });
    expect(within(table).getByRole("row", { name: "Development 0 0 1 0" })).toBeDefined();
  });

  test("opens as its address says", async () => {
    await open(undefined, "?q=billing&mine=true&sort=name");
    expect(await names()).toEqual(["kv-billing"]);
    expect(screen.getByRole<HTMLInputElement>("searchbox", { name: "Search vaults" }).value).toBe("billing");
    expect(screen.getByRole<HTMLInputElement>("checkbox", { name: "Mine" }).checked).toBe(true);
    expect(screen.getByRole("columnheader", { name: "Vault" }).getAttribute("aria-sort")).toBe("ascending");
  });

  test("opens by the link of the recommendation with the person's own flagged vaults first", async () => {
    const own = { mine: true, state: "protected" as const };
    const vaults = [
      row({ name: "kv-a", ...own }),
      row({ name: "kv-b", ...own, flagged: true }),
      row({ name: "kv-c", flagged: true }),
    ];
    await open(board(vaults, { reviews: true }), REVIEW_VIEW.split("/vaults").join(""));
    expect(await names()).toEqual(["kv-b", "kv-a"]);
    expect(within(await list()).getAllByText("Flagged")).toHaveLength(1);
    // All that are shown are the person's own.
    expect(within(await list()).queryByText("Mine")).toBeNull();
    await userEvent.click(screen.getByRole("checkbox", { name: "Flagged" }));
    expect(await names()).toEqual(["kv-b"]);
  });

  test("says nothing of reviews while nobody is asked for any", async () => {
    await open();
    await list();
    expect(screen.queryByRole("checkbox", { name: /^Flagged/ })).toBeNull();
  });

  test("finds while typing", async () => {
    await open();
    await list();
    await userEvent.type(screen.getByRole("searchbox", { name: "Search vaults" }), "lab");
    await vi.waitFor(async () => expect(await names()).toEqual(["kv-lab"]), { timeout: 30_000 });
    expect(screen.getByText("1 vault of 3")).toBeDefined();
  });

  test("turns the order round on the second click of a heading", async () => {
    await open(undefined, "?grouped=false");
    const heading = within(await list()).getByRole("button", { name: "Honeytokens" });
    await userEvent.click(heading);
    expect((await names()).at(-1)).toBe("kv-billing");
    await userEvent.click(heading);
    expect((await names())[0]).toBe("kv-billing");
    expect(screen.getByRole("columnheader", { name: /Honeytokens/ }).getAttribute("aria-sort")).toBe("descending");
  });

  test("folds a subscription away and says so", async () => {
    await open();
    const heading = within(await list()).getByRole("button", { name: /Production/ });
    await userEvent.click(heading);
    expect(await names()).toEqual(["kv-lab"]);
    expect(heading.getAttribute("aria-expanded")).toBe("false");
  });

  test("draws only the rows near the window of ten thousand", async () => {
    const vaults = Array.from({ length: 10_000 }, (_, index) => row({ name: `kv-${index}` }));
    await open(board(vaults));
    const table = await list();
    expect(table.getAttribute("aria-rowcount")).toBe("10002");
    expect(within(table).getAllByRole("row").length).toBeLessThan(100);
  });
});

describe("a board that is not whole", () => {
  test("says which source is missing and keeps showing the rest", async () => {
    await open(board(VAULTS, { warnings: ["The workspace did not answer."] }));
    await screen.findByText("The workspace did not answer.");
    expect(await names()).toHaveLength(3);
  });

  test("says how far the background check is", async () => {
    await open(board(VAULTS, { collector: { done: 1, total: 3, running: true } }));
    const progress = await screen.findByRole<HTMLProgressElement>("progressbar", { name: /1 of 3 vaults/ });
    expect(progress.value).toBe(1);
  });

  test("a person who may read no vault is told why nothing is here", async () => {
    await open(board([]));
    await screen.findByText("Azure shows you no key vaults");
  });

  test("a search without a hit offers the way back", async () => {
    await open(undefined, "?q=nothing-like-this");
    await screen.findByText("No vault matches");
    await userEvent.click(screen.getAllByRole("button", { name: "Clear filters" })[0] ?? document.body);
    expect(await names()).toHaveLength(3);
  });

  test("a failure is shown as a failure, with what to do, never as an empty list", async () => {
    const error = { code: "unavailable", message: "Resource Graph did not answer.", fix: "Wait a little." };
    await open({ status: 503, body: { error } });
    const alert = await screen.findByRole("alert");
    expect(alert.textContent).toContain("Resource Graph did not answer. Wait a little.");
    expect(screen.getByRole("button", { name: "Try again" })).toBeDefined();
    expect(screen.queryByText(/no key vaults/)).toBeNull();
  });

  test("an ended session offers to sign in again", async () => {
    const error = { code: "signed_out", message: "Your session has ended." };
    const { session } = await open({ status: 401, body: { error } });
    await userEvent.click(await screen.findByRole("button", { name: "Sign in again" }));
    expect(session.signInAgain).toHaveBeenCalled();
  });

  test("a further proof that Entra wants is asked for with its claims", async () => {
    const error = { code: "step_up", message: "Azure asks for another proof.", claims: "the-claims" };
    const { session } = await open({ status: 401, body: { error } });
    await userEvent.click(await screen.findByRole("button", { name: "Continue" }));
    expect(session.stepUp).toHaveBeenCalledWith("the-claims");
  });
});
