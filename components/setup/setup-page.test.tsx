import { screen, waitFor } from "@testing-library/react";
import { expect, test } from "vitest";
import { fakeSession, renderInProduct, stubApi } from "@/components/testing/render";
import { SetupPage } from "./setup-page";

function open(...roles: string[]) {
  const asked = stubApi(() => ({ body: { checks: [], checkedAt: new Date().toISOString() } }));
  renderInProduct(<SetupPage />, { session: fakeSession({ roles }) });
  return asked;
}

const placesShown = () => screen.getAllByRole("heading", { level: 2 }).map(({ textContent }) => textContent);

test("an administrator finds every page", async () => {
  open("Administrator");
  await screen.findByText(/0 of 0/);
  expect(placesShown()).toContain("Footprint");
});

test("an analyst finds no link that ends in a refusal", async () => {
  open("SOC analyst");
  await screen.findByText(/0 of 0/);
  expect(placesShown()).toContain("Rules");
  expect(placesShown()).not.toContain("Footprint");
});

test("an owner is told whose pages these are; nothing is asked and no link leads there", async () => {
  const asked = open("Key Vault owner");
  await screen.findByText("Set-up is for administrators and analysts");
  expect(screen.getAllByRole("link").map((link) => link.getAttribute("href"))).toEqual(["/vaults"]);
  await waitFor(() => expect(asked).not.toHaveBeenCalled());
});
