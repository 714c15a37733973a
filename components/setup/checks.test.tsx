import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { renderInProduct, stubApi } from "@/components/testing/render";
import type { Check, ChecksView } from "@/lib/setup/checks.pure";
import { Checks } from "./checks";

const HOSTILE = '<img src=x onerror="alert(1)">';
const check = (change: Partial<Check>): Check => ({
  ...{
    id: "a",
    area: "workspace",
    title: "The workspace can be read",
    state: "right",
    evidence: "It answers.",
    fix: "",
    at: new Date().toISOString(),
  },
  ...change,
});

function open(...checks: Check[]): { asked: () => number } {
  let asked = 0;
  stubApi(() => {
    asked++;
    const body: ChecksView = { checks, checkedAt: new Date().toISOString() };
    return { body };
  });
  renderInProduct(<Checks />);
  return { asked: () => asked };
}

test("each prerequisite says in words how it is, what was seen, and only where it is not right what to do", async () => {
  open(
    check({ fix: "Nothing to see" }),
    check({ id: "b", area: "data", title: "Audit rows", state: "wrong", evidence: "None came.", fix: "Send them." }),
    check({
      id: "c",
      area: "defender",
      title: HOSTILE,
      state: "warning",
      evidence: "Off.",
      fix: "On.",
      command: "az x",
    }),
  );
  await screen.findByText(/1 of 3 are as they should be, 1 wrong, 1 could be better/);
  const data = screen.getByRole("region", { name: "Data" });
  expect(within(data).getByText("Wrong")).toBeDefined();
  expect(within(data).getByText("Send them.")).toBeDefined();
  expect(screen.getByText("az x")).toBeDefined();
  expect(screen.queryByText("Nothing to see")).toBeNull();
  expect(screen.getByText(HOSTILE)).toBeDefined();
});

test("is looked at again on demand", async () => {
  const { asked } = open(check({}));
  await screen.findByText("It answers.");
  const before = asked();
  await userEvent.click(screen.getByRole("button", { name: "Look again" }));
  await screen.findByRole("button", { name: "Look again" });
  expect(asked()).toBeGreaterThan(before);
});
