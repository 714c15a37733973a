import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { fakeSession, renderInProduct, stubApi, TOKEN } from "@/components/testing/render";
import type { Notice } from "@/lib/notices/notices.pure";
import { OwnerNotices } from "./owner-notices";

function notice(index: number, change: Partial<Notice> = {}): Notice {
  const vault = { name: `kv-${index}`, path: `/vaults/s/g/kv-${index}` };
  return { id: `n${index}`, kind: "touched", vault, at: "2026-11-22T10:00:00.000Z", ...change };
}

function open(notices: Notice[], status = 200, roles = ["Key Vault owner"]) {
  const dismiss = vi.fn(async () => ({ ok: true as const, data: { dismissed: "n1" } }));
  const body = status === 200 ? { notices } : { error: { code: "unavailable", message: "Azure does not answer." } };
  const fetched = stubApi(() => ({ status, body }));
  renderInProduct(<OwnerNotices dismiss={dismiss} />, { session: fakeSession({ roles }) });
  return { dismiss, fetched };
}

test("each says what happened to which vault, with the way to its page", async () => {
  open([notice(1), notice(2, { kind: "turned_red" })]);
  await screen.findByText("A vault of yours was touched");
  screen.getByText("A vault of yours is no longer protected");
  expect(screen.getByRole("link", { name: "kv-1" }).getAttribute("href")).toBe("/vaults/s/g/kv-1");
  screen.getByText(/The security team has been told/);
});

test("administrators, who may write to every vault, are not told that each is theirs", async () => {
  open([notice(1), notice(2, { kind: "turned_red" })], 200, ["Administrator"]);
  await screen.findByText("A vault was touched");
  screen.getByText("A vault is no longer protected");
});

test("one is dismissed for the person", async () => {
  const { dismiss } = open([notice(1)]);
  await userEvent.click(await screen.findByRole("button", { name: "Dismiss the notice of kv-1" }));
  await waitFor(() => expect(dismiss).toHaveBeenCalledWith(TOKEN, { id: "n1" }));
});

test("many do not fill the page until the person wants them", async () => {
  open([1, 2, 3, 4, 5].map((index) => notice(index)));
  await screen.findByRole("link", { name: "kv-3" });
  expect(screen.queryByRole("link", { name: "kv-4" })).toBeNull();
  await userEvent.click(screen.getByRole("button", { name: "Show 2 more" }));
  screen.getByRole("link", { name: "kv-5" });
});

test.each([
  ["nothing is to be told", 200],
  ["it cannot be read: the board says so of itself", 503],
])("where %s there is nothing", async (_, status) => {
  const { fetched } = open([], status);
  await waitFor(() => expect(fetched).toHaveBeenCalled());
  expect(screen.queryByRole("region")).toBeNull();
});
