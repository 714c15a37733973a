import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { renderInProduct, stubApi } from "@/components/testing/render";
import type { PlanStep, SetupPlan, SetupRun } from "@/lib/setup/run.pure";
import { SetupRunPage } from "./setup-run-page";

const HOSTILE = '<img src=x onerror="alert(1)">';
const NOW = new Date().toISOString();
const PLACE = { id: "/subscriptions/s", name: "Sales", kind: "subscription" };
const ID = "11111111-1111-4111-8111-111111111111";

const step = (change: Partial<PlanStep> = {}): PlanStep => ({
  ...{
    id: "sentinel",
    title: "Microsoft Sentinel",
    why: "Incidents.",
    where: "the workspace law",
    writes: ["a state"],
  },
  ...{
    rights: ["X/write on the workspace law"],
    by: "you",
    needs: [],
    state: "to_do",
    detail: "",
    fix: "",
    command: null,
  },
  ...change,
});
const run = (change: Partial<SetupRun> = {}): SetupRun => ({
  ...{ id: ID, state: "running", by: "Alex", createdAt: NOW, endedAt: null, note: null, cancelling: false },
  counts: { written: 1, queued: 1 },
  steps: [
    { id: "a", title: "First", state: "written", detail: "", startedAt: NOW, endedAt: NOW },
    { id: "b", title: "Second", state: "queued", detail: "", startedAt: null, endedAt: null },
  ],
  ...change,
});

interface World {
  steps?: PlanStep[];
  runs?: SetupRun[];
  mayRun?: boolean;
}

function open({ steps = [step()], runs = [], mayRun = true }: World = {}) {
  const asked: string[] = [];
  stubApi((url) => {
    asked.push(url);
    if (url.includes("/api/recommendation")) return { body: { places: [PLACE], warnings: [], tagProblems: [] } };
    if (url.includes("/api/setup/plan")) {
      const left = {
        id: "plan",
        title: "Defender",
        evidence: "Off.",
        fix: "On.",
        command: "az security",
        link: { href: "/setup/rules", text: "Rules" },
      };
      const body: SetupPlan = { steps, remaining: [left], seen: "digest", readAt: NOW };
      return { body };
    }
    const one = runs.find(({ id }) => url.includes(`/runs/${id}`));
    return { body: one ?? { runs, mayRun } };
  });
  const action = () => vi.fn(async () => ({ ok: true as const, data: { id: ID } }));
  const actions = { start: action(), resume: action(), cancel: action() };
  renderInProduct(<SetupRunPage {...actions} />);
  return { ...actions, asked };
}

test("nothing is asked or written before the button; then the plan; then, after a second look, what it shows", async () => {
  const { start, asked } = open({
    steps: [step(), step({ id: "b", title: HOSTILE, state: "blocked", fix: "Ask Bo.", command: "az rest" })],
  });
  const button = await screen.findByRole("button", { name: "Set up for me" });
  await screen.findByRole("combobox", { name: "Recommendation to owners" });
  expect(asked.filter((url) => url.includes("/plan"))).toEqual([]);
  await userEvent.click(button);
  const plan = await screen.findByRole("list", { name: "The plan" });
  expect(within(plan).getByText("Will be written")).toBeDefined();
  expect(within(plan).getByText("Ask Bo.")).toBeDefined();
  expect(within(plan).getByText("az rest")).toBeDefined();
  expect(within(plan).getByText(HOSTILE)).toBeDefined();
  expect(screen.getByText("az security")).toBeDefined();
  expect(screen.getByRole("link", { name: "Rules" })).toHaveProperty("pathname", "/setup/rules");
  expect(start).not.toHaveBeenCalled();
  await userEvent.click(screen.getByRole("button", { name: "Write what is missing" }));
  expect(start).not.toHaveBeenCalled();
  const dialog = await screen.findByRole("dialog");
  await userEvent.click(within(dialog).getByRole("button", { name: "Write" }));
  expect(start).toHaveBeenCalledWith(expect.anything(), { choice: {}, seen: "digest" });
});

test("a plan is gone as soon as the choice is another or not whole, and is looked up only when it is asked for", async () => {
  const { start, asked } = open();
  const plans = () => asked.filter((url) => url.includes("/plan"));
  const press = () => userEvent.click(screen.getByRole("button", { name: "Set up for me" }));
  const place = await screen.findByRole("combobox", { name: "Recommendation to owners" });
  await press();
  await screen.findByRole("button", { name: "Write what is missing" });

  await userEvent.selectOptions(place, "Sales");
  expect(screen.queryByRole("button", { name: "Write what is missing" })).toBeNull();
  expect(screen.getByRole("button", { name: "Set up for me" })).toHaveProperty("disabled", true);
  const region = screen.getByRole("textbox", { name: /^Region/ });
  await userEvent.type(region, "westeurope");
  expect(plans()).toHaveLength(1);
  await press();
  await userEvent.click(await screen.findByRole("button", { name: "Write what is missing" }));
  expect(plans().map((url) => url.split("?")[1])).toEqual(["", "scope=%2Fsubscriptions%2Fs&location=westeurope"]);

  await userEvent.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "Write" }));
  const recommendation = { scope: "/subscriptions/s", location: "westeurope" };
  expect(start).toHaveBeenCalledWith(expect.anything(), { choice: { recommendation }, seen: "digest" });
});

test("a step is left out by its tick, and what stands on it with it", async () => {
  const { start } = open({
    steps: [step(), step({ id: "rules", title: "Rules", needs: ["sentinel"] }), step({ id: "role", title: "Role" })],
  });
  await userEvent.click(await screen.findByRole("button", { name: "Set up for me" }));
  await userEvent.click(await screen.findByRole("checkbox", { name: "Write: Microsoft Sentinel, the workspace law" }));
  expect(screen.getByRole("checkbox", { name: "Write: Rules, the workspace law" })).toMatchObject({
    checked: false,
    disabled: true,
  });
  expect(screen.getByText("It stands on a step that is left out.")).toBeDefined();
  expect(screen.getByText("1 step")).toBeDefined();
  await userEvent.click(screen.getByRole("button", { name: "Write what is missing" }));
  const dialog = await screen.findByRole("dialog");
  expect(
    within(dialog)
      .getAllByRole("listitem")
      .map(({ textContent }) => textContent),
  ).toEqual(["Role: the workspace law"]);
  await userEvent.click(within(dialog).getByRole("button", { name: "Write" }));
  expect(start).toHaveBeenCalledWith(expect.anything(), { choice: {}, seen: "digest", leaveOut: ["sentinel"] });
});

test("where everything is right there is nothing to press", async () => {
  open({ steps: [step({ state: "nothing" })] });
  await userEvent.click(await screen.findByRole("button", { name: "Set up for me" }));
  await screen.findByText("There is nothing to do.");
  expect(screen.getByRole("button", { name: "Write what is missing" })).toHaveProperty("disabled", true);
});

test("a run under way is shown by itself, and can be stopped", async () => {
  const { cancel } = open({ runs: [run()] });
  await screen.findByText(/1 of 2 steps ended/);
  expect(screen.queryByRole("button", { name: "Set up for me" })).toBeNull();
  await userEvent.click(screen.getByRole("button", { name: "Cancel" }));
  expect(cancel).toHaveBeenCalledWith(expect.anything(), { id: ID });
});

test("one that waits says why, and a person goes on with it", async () => {
  const { resume } = open({ runs: [run({ state: "waiting", note: "The process has ended." })] });
  await screen.findByText("The process has ended.");
  await userEvent.click(screen.getByRole("button", { name: "Go on" }));
  expect(resume).toHaveBeenCalledWith(expect.anything(), { id: ID });
});

test("one that failed in part says what to do, and an analyst may look and not press", async () => {
  const failed = { id: "a", title: "First", state: "failed" as const, detail: "Refused. Nothing was written." };
  const ended = { state: "partly" as const, endedAt: NOW, counts: { failed: 1 } };
  open({ runs: [{ ...run(ended), steps: [{ ...failed, startedAt: NOW, endedAt: NOW }] }], mayRun: false });
  await userEvent.click(await screen.findByRole("button", { name: /^Show the run of Alex/ }));
  await screen.findByText("Refused. Nothing was written.");
  expect(screen.getAllByText("Done in part").length).toBeGreaterThan(0);
  expect(screen.queryByRole("button", { name: "Set up for me" })).toBeNull();
});
