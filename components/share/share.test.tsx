import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, test, vi } from "vitest";
import { ApiError } from "@/components/api/api-error";
import { renderInProduct, stubApi } from "@/components/testing/render";
import { LinksPage, type RevokeLink } from "./links-page";
import { ShareButton, type ShareView } from "./share-button";

const HOSTILE = "/vaults?q=%3Cimg%20src%3Dx%3E";

afterEach(() => {
  window.history.replaceState(null, "", "/");
});

function open(
  address: string,
  share: ShareView = vi.fn<ShareView>(async (_, { short }) => ({
    ok: true,
    data: { id: short ? "abcDEF123_-x" : null },
  })),
) {
  window.history.replaceState(null, "", address);
  const written: string[] = [];
  const user = userEvent.setup();
  vi.spyOn(navigator.clipboard, "writeText").mockImplementation(async (text) => void written.push(text));
  renderInProduct(<ShareButton share={share} />);
  return { share, written, press: () => user.click(screen.getByRole("button", { name: "Share this view" })) };
}

describe("the button", () => {
  test("copies a short address as it is, without what stands behind its hash", async () => {
    const { share, written, press } = open("/vaults/a/b/c#x");
    await press();
    await screen.findByText(/Link copied/);
    expect(written).toEqual([`${window.location.origin}/vaults/a/b/c`]);
    expect(share).not.toHaveBeenCalled();
  });

  test("asks first whether a filtered one may leave the product, and copies it as it is", async () => {
    const { share, written, press } = open("/vaults?q=shop");
    await press();
    await screen.findByText(/Link copied/);
    expect(written).toEqual([`${window.location.origin}/vaults?q=shop`]);
    expect(vi.mocked(share).mock.calls[0]?.[1]).toEqual({ path: "/vaults?q=shop", short: false });
  });

  test("gives a long one a short id", async () => {
    const long = `/vaults?q=${"a".repeat(300)}`;
    const { share, written, press } = open(long);
    await press();
    await waitFor(() => expect(written).toEqual([`${window.location.origin}/share/abcDEF123_-x`]));
    expect(vi.mocked(share).mock.calls[0]?.[1]).toEqual({ path: long, short: true });
  });

  test("shows the address where the browser does not let it copy", async () => {
    const { press } = open("/vaults?q=shop");
    vi.mocked(navigator.clipboard.writeText).mockRejectedValue(new Error("not allowed"));
    await press();
    expect(await screen.findByLabelText("Link to this view")).toHaveProperty(
      "value",
      `${window.location.origin}/vaults?q=shop`,
    );
  });

  test("says why a view cannot be shared", async () => {
    const refuse: ShareView = async () => ({
      ok: false,
      error: { code: "invalid", message: "No.", fix: "Clear the search." },
    });
    const { written, press } = open("/incidents?q=ledger-reader", refuse);
    await press();
    expect(await screen.findByText("No. Clear the search.")).toBeDefined();
    expect(written).toEqual([]);
  });
});

test("the list shows addresses as text and revokes one", async () => {
  const revoke = vi.fn<RevokeLink>(async () => ({ ok: true, data: { id: "x" } }));
  const link = {
    id: "abcDEF123_-x",
    path: HOSTILE,
    by: "Kim",
    createdAt: "2026-11-01T00:00:00.000Z",
    lastUsedAt: null,
  };
  const body = { everybodys: true, links: [{ ...link, uses: 0, expiresAt: "2027-01-30T00:00:00.000Z" }] };
  stubApi(() => ({ body }));
  renderInProduct(<LinksPage revoke={revoke} />);
  expect(await screen.findByRole("link", { name: HOSTILE })).toBeDefined();
  expect(screen.getByText("Never")).toBeDefined();
  await userEvent.click(screen.getByRole("button", { name: /Revoke/ }));
  expect(revoke.mock.calls[0]?.[1]).toEqual({ id: "abcDEF123_-x" });
});

test("a failure of the list is a failure, and not an empty list", async () => {
  stubApi(() => {
    throw new ApiError({ code: "unavailable", message: "The store is away." });
  });
  renderInProduct(<LinksPage revoke={async () => ({ ok: true, data: { id: "x" } })} />);
  expect(await screen.findByText(/could not be reached/)).toBeDefined();
  expect(screen.queryByText("No short links")).toBeNull();
});
