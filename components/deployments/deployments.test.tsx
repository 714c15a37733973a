import { screen, within } from "@testing-library/react";
import { describe, expect, test, vi } from "vitest";
import { renderInProduct, stubApi } from "@/components/testing/render";
import { deployment } from "@/components/testing/samples";
import { STEPS } from "@/lib/deployments/plan.pure";
import { DeploymentPage } from "./deployment-page";
import { DeploymentsPage } from "./deployments-page";

const action = vi.fn();
const ACTIONS = {
  start: action,
  approve: action,
  refuse: action,
  pause: action,
  resume: action,
  cancel: action,
  retry: action,
  discard: action,
  stopSchedule: action,
};

describe("the list of deployments", () => {
  test("names what was asked for, by whom, and how far it is", async () => {
    const entry = {
      id: "d1",
      state: "needs_person",
      requestedBy: "Kim Owner",
      createdAt: "2026-11-22T10:00:00.000Z",
      endedAt: null,
      operation: "plant",
      vaults: 1,
      awaitsYou: false,
      summary: "1 secret in kv-orders",
    };
    stubApi(() => ({ body: { ownOnly: false, deployments: [entry] } }));
    renderInProduct(<DeploymentsPage />);
    const line = await screen.findByRole("row", { name: /1 secret in kv-orders/ });
    expect(line.textContent).toContain("Needs a person");
    expect(line.textContent).toContain("Kim Owner");
    expect(within(line).getByRole("link").getAttribute("href")).toBe("/deployments/d1");
  });

  test("puts what waits for this person's approval first, and says so", async () => {
    const entry = {
      id: "d1",
      state: "running",
      requestedBy: "Kim Owner",
      createdAt: "2026-11-22T10:00:00.000Z",
      endedAt: null,
      operation: "plant",
      vaults: 12,
      awaitsYou: false,
      summary: "Honeytokens in 12 vaults: in progress",
    };
    const removal = { ...entry, id: "d2", operation: "retire", vaults: 3214, summary: "Remove honeytokens" };
    stubApi(() => ({
      body: { ownOnly: false, deployments: [entry, { ...removal, state: "awaiting_approval", awaitsYou: true }] },
    }));
    renderInProduct(<DeploymentsPage />);
    await screen.findByText("1 plan for you to approve or refuse");
    const [, first, second] = screen.getAllByRole("row");
    expect(first?.textContent).toContain("Waits for your approval");
    expect(first?.textContent).toMatch(/Needs approvalRemove3.214Kim Owner/);
    expect(second?.textContent).toContain("Honeytokens in 12 vaults");
    expect(second?.textContent).not.toContain("Waits for your approval");
  });

  test("says what to do when there is none", async () => {
    stubApi(() => ({ body: { ownOnly: false, deployments: [] } }));
    renderInProduct(<DeploymentsPage />);
    await screen.findByText("Nothing has been planted yet");
  });

  test("does not tell somebody who sees only their own that nobody planted anything", async () => {
    stubApi(() => ({ body: { ownOnly: true, deployments: [] } }));
    renderInProduct(<DeploymentsPage />);
    await screen.findByText("You have started no deployment yet");
    expect(screen.queryByText("Nothing has been planted yet")).toBeNull();
  });

  test("shows a failure as a failure", async () => {
    stubApi(() => ({ status: 503, body: { error: { code: "unavailable", message: "The database is locked." } } }));
    renderInProduct(<DeploymentsPage />);
    expect((await screen.findByRole("alert")).textContent).toContain("The database is locked.");
    expect(screen.queryByText("Nothing has been planted yet")).toBeNull();
  });
});

describe("one deployment", () => {
  test("shows every step with its state, and what the running one waits for", async () => {
    stubApi(() => ({ body: deployment(3) }));
    renderInProduct(<DeploymentPage id="d1" actions={ACTIONS} />);
    await screen.findByText(/3 of 9 steps done/);
    const steps = screen.getAllByRole("listitem").filter((item) => item.closest("section"));
    expect(steps).toHaveLength(STEPS.length);
    expect(steps[3]?.textContent).toContain("Asked twice so far.");
    expect(steps[3]?.textContent).toContain("Running");
    expect(steps[4]?.textContent).toContain("Not started");
  });

  test("that needs a person says what has to be decided", async () => {
    const stopped = deployment(5, { state: "needs_person" });
    const items = stopped.items.map((item) => ({ ...item, problem: "There are two versions." }));
    stubApi(() => ({ body: { ...stopped, items } }));
    renderInProduct(<DeploymentPage id="d1" actions={ACTIONS} />);
    await screen.findByText("There are two versions.");
    expect(screen.getByText("A person has to decide")).toBeDefined();
  });

  test.each([
    ["skipped", "Skipped: nothing is done in this vault."],
    ["blocked", "Blocked: nothing is done in this vault."],
  ] as const)("that left its vault out (%s) does not call its steps done", async (state, sentence) => {
    const view = deployment(0, { state: "done" });
    const items = view.items.map((item) => ({ ...item, state }));
    stubApi(() => ({ body: { ...view, items } }));
    renderInProduct(<DeploymentPage id="d1" actions={ACTIONS} />);
    await screen.findByText(sentence);
    expect(screen.queryByText(/steps done/)).toBeNull();
    expect(screen.queryByText(STEPS[4].title)).toBeNull();
  });

  test("in a vault that the person may not read is shown without it, and says so", async () => {
    stubApi(() => ({ body: { ...deployment(3), items: [], leftOut: 1 } }));
    renderInProduct(<DeploymentPage id="d1" actions={ACTIONS} />);
    await screen.findByRole("heading", { level: 1, name: /1 vault$/ });
    screen.getByText(/^1 vault of this deployment that you may not read in Azure is not shown\./);
    expect(screen.queryByText("kv-orders")).toBeNull();
  });

  test("that does not exist says so", async () => {
    stubApi(() => ({ status: 404, body: { error: { code: "not_found", message: "There is no such deployment." } } }));
    renderInProduct(<DeploymentPage id="d9" actions={ACTIONS} />);
    expect((await screen.findByRole("alert")).textContent).toContain("There is no such deployment.");
  });
});
