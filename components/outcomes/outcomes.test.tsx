import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import { renderInProduct, stubApi } from "@/components/testing/render";
import type { OutcomeDay, OutcomeFigures } from "@/lib/outcomes/outcomes.pure";
import { OutcomesPage } from "./outcomes-page";

const saved: [string, string][] = [];
vi.mock("@/components/ui/save-file", () => ({
  saveFile: (name: string, _type: string, parts: string[]) => saved.push([name, parts.join("")]),
}));

beforeEach(() => {
  saved.length = 0;
});

const VAULT =
  "/subscriptions/11111111-2222-4333-8444-555555555555/resourcegroups/rg/providers/microsoft.keyvault/vaults/kv-orders";
const figures = (change: Partial<OutcomeFigures> = {}): OutcomeFigures => ({
  proven: { protectedVaults: 8, provenVaults: 6, unknownVaults: 1, percent: 75 },
  timeToAlert: { drills: 9, p50: 180_000, p95: 400_000 },
  benign: { touches: 3, decoyDays: 1_500, per100DecoyDays: 0.2 },
  oldestUnproven: { vaultId: VAULT, since: "2026-10-01T00:00:00.000Z" },
  burnt: { decoys: 2, standing: 1 },
  problems: [],
  ...change,
});
const day = (name: string, own: OutcomeFigures): OutcomeDay => ({
  day: name,
  countedAt: `${name}T10:00:00.000Z`,
  figures: own,
});

function open(days: OutcomeDay[]) {
  stubApi(() => ({ body: { days } }));
  renderInProduct(<OutcomesPage />);
}

const figure = async (title: string) =>
  (await screen.findByRole("heading", { level: 2, name: title })).closest("li")?.textContent;

test("every figure says what it is, how it was counted, and how old it is", async () => {
  open([day("2026-11-20", figures()), day("2026-11-21", figures())]);
  expect(await figure("Proven")).toMatch(/^Proven75 %In 6 of 8 protected vaults .* 1 vault .*Counted \d+ days? ago$/);
  expect(await figure("Time to alert")).toContain("3 minMedian of 9 drills");
  expect(await figure("Benign touches per 100 decoy-days")).toContain("0.23 touches under an exception");
  expect(await figure("Honeytokens burnt")).toContain("1 of them still stand");
  const link = screen.getByRole("link", { name: "kv-orders" });
  expect(link.getAttribute("href")).toBe("/vaults/11111111-2222-4333-8444-555555555555/rg/kv-orders");
  const rows = within(screen.getByRole("table", { name: "Figures by day" })).getAllByRole("rowheader");
  expect(rows.map(({ textContent }) => textContent)).toEqual(["2026-11-21", "2026-11-20"]);
});

test("a vault that the person may not read is counted and not named, also in what is exported", async () => {
  open([day("2026-11-21", figures({ oldestUnproven: { vaultId: null, since: "2026-10-01T00:00:00.000Z" } }))]);
  expect(await figure("Oldest unproven vault")).toMatch(
    /^Oldest unproven vaultOne that you may not readWithout a valid/,
  );
  await userEvent.click(screen.getByRole("button", { name: "Export as CSV" }));
  expect(saved.at(-1)?.[1]).toContain("not yours to read,2026-10-01");
});

test("what is not known is said to be unknown, with the reason", async () => {
  open([
    day(
      "2026-11-21",
      figures({
        proven: { protectedVaults: 0, provenVaults: 0, unknownVaults: 0, percent: null },
        timeToAlert: { drills: 0, p50: null, p95: null },
        benign: { touches: null, decoyDays: 0, per100DecoyDays: null },
        burnt: { decoys: null, standing: null },
        oldestUnproven: null,
        problems: ["The log workspace did not answer."],
      }),
    ),
  ]);
  await screen.findByText("The log workspace did not answer.");
  for (const title of ["Proven", "Time to alert", "Benign touches per 100 decoy-days", "Honeytokens burnt"]) {
    expect(await figure(title)).toMatch(new RegExp(`^${title}Unknown`));
  }
  expect(await figure("Oldest unproven vault")).toContain("None");
});

test("before the first count there is nothing to show, and nothing to export", async () => {
  open([]);
  await screen.findByText("Nothing has been counted yet");
  expect(screen.queryByRole("button")).toBeNull();
});

test("all days are exported as CSV and as JSON", async () => {
  open([day("2026-11-20", figures()), day("2026-11-21", figures())]);
  await userEvent.click(await screen.findByRole("button", { name: "Export as CSV" }));
  await userEvent.click(screen.getByRole("button", { name: "Export as JSON" }));
  const [csv, json] = saved;
  expect(csv?.[0]).toMatch(/^outcomes-.*\.csv$/);
  expect(csv?.[1].split("\r\n")).toHaveLength(4);
  expect(csv?.[1]).toContain(`2026-11-20,2026-11-20T10:00:00.000Z,8,6,1,75,9,180,400,3,1500,0.2,${VAULT}`);
  expect(JSON.parse(json?.[1] ?? "")).toEqual([day("2026-11-20", figures()), day("2026-11-21", figures())]);
});
