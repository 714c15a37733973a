import { screen, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { renderInProduct, stubApi } from "@/components/testing/render";
import type { MissedTouch, MissedTouches } from "@/lib/detection/missed-touches.pure";
import { DetectionPage } from "./detection-page";

const VAULT =
  "/subscriptions/11111111-2222-4333-8444-555555555555/resourcegroups/rg/providers/microsoft.keyvault/vaults/kv-a";

function missed(change: Partial<MissedTouch> = {}): MissedTouch {
  return {
    vaultId: VAULT,
    vaultName: "kv-a",
    path: "/vaults/11111111-2222-4333-8444-555555555555/rg/kv-a",
    decoy: "sql-reader",
    caller: "bbbbbbbb-0000-4000-8000-00000000000b",
    callerName: "mallory@contoso.test",
    operations: ["SecretGet"],
    touches: 3,
    firstTouch: "2026-11-22T12:00:00.000Z",
    lastTouch: "2026-11-22T12:05:00.000Z",
    foundAt: "2026-11-22T12:45:00.000Z",
    resolvedAt: null,
    ...change,
  };
}

function open(change: Partial<MissedTouches>) {
  const body: MissedTouches = {
    comparedSince: "2026-10-23T12:00:00.000Z",
    sinceBeginning: false,
    comparedAt: new Date().toISOString(),
    comparedUntil: "2026-11-22T12:20:00.000Z",
    problem: null,
    missed: [],
    vaultsLeftOut: 0,
    ...change,
  };
  stubApi(() => ({ body }));
  renderInProduct(<DetectionPage />);
}

test("a missed touch says where, who, what and when, and whether an alert came after all", async () => {
  const late = missed({ decoy: "backup-key", resolvedAt: "2026-11-22T13:00:00.000Z", touches: 1 });
  open({ missed: [missed(), late] });
  const [first, second] = (await screen.findAllByRole("row")).slice(1);
  expect(first?.textContent).toMatch(/sql-readerkv-aNo alertmallory@contoso\.test.*SecretGet3 times/);
  expect(second?.textContent).toMatch(/backup-key.*Alert came late.*once/);
  expect(within(screen.getByRole("region", { name: "Missed touches" })).getAllByRole("link")).toHaveLength(2);
});

test("what is older than the comparison is not said to have had its alert", async () => {
  open({ comparedSince: "2026-11-20T12:00:00.000Z", sinceBeginning: true });
  expect((await screen.findByText(/Only touches since/)).textContent).toContain("may have raised no alert");
  expect(screen.getByText(/Every touch since/).textContent).not.toContain("30 days");
});

test("a hostile name is text, and turns nothing around it", async () => {
  const callerName = "\u202e<b>evil</b>";
  open({ missed: [missed({ callerName })] });
  const shown = await screen.findByText("‹U+202E›<b>evil</b>");
  expect(shown.tagName).toBe("BDI");
});

test("that nothing was missed is said", async () => {
  open({ missed: [] });
  await screen.findByText("No touch was missed");
});

test("what was never compared is not called good", async () => {
  open({ comparedAt: null, comparedUntil: null });
  await screen.findByText(/has not been compared with alerts yet/);
  expect(screen.queryByText("No touch was missed")).toBeNull();
});

test("a failed comparison is shown beside what is known", async () => {
  open({ problem: "The log workspace did not answer.", missed: [missed()] });
  await screen.findByText(/The log workspace did not answer/);
  expect(screen.getAllByRole("row")).toHaveLength(2);
});

test("a page that cannot be read says so", async () => {
  stubApi(() => ({ status: 503, body: { error: { code: "unavailable", message: "The store does not answer." } } }));
  renderInProduct(<DetectionPage />);
  await screen.findByText(/The store does not answer/);
});

test("that something lies in vaults that one may not read is said, and no touch is called the only one", async () => {
  open({ vaultsLeftOut: 2 });
  await screen.findByText("What was found in 2 vaults that you may not read is not shown.");
  await screen.findByText("No touch was missed in the vaults that you may read");
});
