import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { renderInProduct, TOKEN } from "@/components/testing/render";
import { detail, row } from "@/components/testing/samples";
import type { VaultDetail } from "@/lib/coverage/board.pure";
import { type MarkReviewed, ReviewPanel } from "./review-panel";

const ADDRESS = { subscription: row().subscriptionId, group: "rg-shop", name: "kv-orders" };
const MAY = { ...detail().may, tag: true };

function show(review: Partial<NonNullable<VaultDetail["review"]>>, change: Partial<VaultDetail> = {}) {
  const markReviewed = vi.fn<MarkReviewed>(async () => ({ ok: true, data: { written: true } }));
  const common = { tagName: "KeyVaultReview", value: "ReviewNeeded", drift: false, ready: false, kept: false };
  const vault = detail({
    vault: row({ flagged: true }),
    may: MAY,
    ...change,
    review: { ...common, undoneAt: null, ...review },
  });
  renderInProduct(<ReviewPanel detail={vault} address={ADDRESS} markReviewed={markReviewed} />);
  return markReviewed;
}

test("a flagged vault that is not green says what comes first, and cannot be marked", () => {
  show({});
  screen.getByText("KeyVaultReview: ReviewNeeded");
  screen.getByText(/Do what this page asks for/);
  expect(screen.queryByRole("button")).toBeNull();
});

test("a green one is marked as reviewed", async () => {
  const mark = show({ ready: true, value: null }, { vault: row({ flagged: true, state: "protected" }) });
  screen.getByText("It has no tag KeyVaultReview.");
  await userEvent.click(screen.getByRole("button", { name: "Mark as reviewed" }));
  await waitFor(() => expect(mark).toHaveBeenCalledWith(TOKEN, { vaultId: row().id }));
});

test("without the right to write tags it says whom to ask", () => {
  show({ ready: true }, { may: { ...MAY, tag: false, tagReason: "Ask for the role Tag Contributor." } });
  screen.getByText("Ask for the role Tag Contributor.");
  expect(screen.queryByRole("button")).toBeNull();
});

test("where the product keeps the tag nobody has to mark", () => {
  show({ ready: true, kept: true });
  screen.getByText(/within ten minutes/);
  expect(screen.queryByRole("button")).toBeNull();
});

test("a mark that the vault's state does not bear out is shown, with its end", () => {
  show({ value: "Reviewed", drift: true, kept: true, undoneAt: "2026-11-30T10:00:00.000Z" }, { vault: row() });
  screen.getByText("Marked as reviewed, but not protected");
  expect(screen.getByText(/it is set back|the tag is set back/).textContent).toMatch(/2026/);
});

test("a hostile value is shown as text", () => {
  show({ value: "<img src=x onerror=alert(1)>" });
  screen.getByText("KeyVaultReview: <img src=x onerror=alert(1)>");
});

test("there is nothing while nobody is asked for reviews", () => {
  const { container } = renderInProduct(
    <ReviewPanel detail={detail()} address={ADDRESS} markReviewed={vi.fn<MarkReviewed>()} />,
  );
  expect(container.textContent).toBe("");
});
