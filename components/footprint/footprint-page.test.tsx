import { screen, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { renderInProduct, stubApi } from "@/components/testing/render";
import type { FootprintView, Trace } from "@/lib/footprint/footprint.pure";
import { FootprintPage } from "./footprint-page";

const HOSTILE = '<img src=x onerror="alert(1)">';
const trace = (change: Partial<Trace>): Trace => ({
  ...{ kind: "tag", name: "KeyVaultReview", where: "On 3 of 4 vaults", readers: "Every Reader of the vault." },
  ...{ telling: "nothing", because: [], instead: "" },
  ...change,
});

function open(change: Partial<FootprintView>): void {
  const none: FootprintView = { traces: [], readers: [], unread: [], notes: [], readAt: new Date().toISOString() };
  stubApi(() => ({ body: { ...none, ...change } }));
  renderInProduct(<FootprintPage />);
}

test("each trace says in words how telling it is, why, who sees it and what would tell less", async () => {
  open({
    traces: [
      trace({}),
      trace({ kind: "policy", name: HOSTILE, telling: "plain", because: ["honey"], instead: "Take another name." }),
    ],
  });
  await screen.findByText(/Says it plainly: 1\. A hint: 0\. Says nothing: 1\./);
  const row = screen.getByRole("row", { name: /Policy/ });
  expect(within(row).getByText(HOSTILE)).toBeDefined();
  expect(within(row).getByText("Says it")).toBeDefined();
  expect(within(row).getByText("honey")).toBeDefined();
  expect(within(row).getByText("Take another name.")).toBeDefined();
});

test("what could not be read is said with what to do, and no list passes for an empty one", async () => {
  open({
    unread: [{ what: "App registrations", problem: "You may not list them.", fix: "Ask for consent." }],
    readers: [
      {
        ...{ name: "11111111-1111-4111-8111-111111111111", principalId: "11111111-1111-4111-8111-111111111111" },
        ...{ kind: "Group", roles: ["Reader"], from: ["Subscription s"], direct: false, ours: false },
      },
    ],
  });
  await screen.findByText(/App registrations: You may not list them\. Ask for consent\./);
  expect(screen.getByText("Group: its members read it too")).toBeDefined();
  expect(screen.getByText("Inherited")).toBeDefined();
});
