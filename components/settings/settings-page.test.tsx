import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { renderInProduct, stubApi, TOKEN } from "@/components/testing/render";
import type { WebhookView } from "@/lib/notices/webhook.pure";
import { DEFAULT_SETTINGS, type SettingsView } from "@/lib/settings/settings.pure";
import { SettingsPage } from "./settings-page";
import type { ChangeSettings } from "./use-settings";
import type { SendTest } from "./webhook-form";

const WEBHOOK: WebhookView = {
  secretSet: true,
  lookedAt: "2026-11-22T10:00:00.000Z",
  problem: null,
  deliveries: [
    {
      id: "d1",
      event: "incident.new",
      state: "waiting",
      attempts: 3,
      createdAt: "2026-11-22T09:00:00.000Z",
      nextAt: "2026-11-22T11:00:00.000Z",
      lastAnswer: "The receiver answered 503.",
    },
  ],
};
const AT = "2026-11-22T10:00:00.000Z";

function open(view: Partial<SettingsView> = {}, answer?: Awaited<ReturnType<ChangeSettings>>) {
  const never = { deployments: null, newVaults: null, webhook: null, drills: null, recommendation: null };
  const changed = { decoys: { at: AT, by: "Kim" }, ...never };
  const server: SettingsView = { settings: DEFAULT_SETTINGS, changed, mayChange: true, ...view };
  stubApi((path) => ({ body: path === "/api/webhook" ? WEBHOOK : server }));
  const change = vi.fn<ChangeSettings>(async () => answer ?? { ok: true, data: { changed: true } });
  const sendTest = vi.fn<SendTest>(async () => ({ ok: true, data: { id: "t" } }));
  renderInProduct(<SettingsPage change={change} sendTest={sendTest} />);
  return { change, sendTest, server };
}

const group = async (name: string) => within(await screen.findByRole("region", { name }));

test("each group says who changed it last, or that nobody did", async () => {
  open();
  (await group("Honeytokens")).getByText(/Changed by Kim/);
  (await group("New vaults")).getByText(/Never changed/);
});

test("a change goes to the server as the schema has it, with what it is based on", async () => {
  const { change } = open();
  const decoys = await group("Honeytokens");
  await userEvent.type(decoys.getByLabelText("Words for secrets"), "billing, ledger\nexport");
  const chance = decoys.getByLabelText("Chance of one more");
  await userEvent.clear(chance);
  await userEvent.type(chance, "7");
  await userEvent.click(decoys.getByRole("button", { name: "Save" }));
  await decoys.findByText("Saved");
  const value = {
    ...DEFAULT_SETTINGS.decoys,
    secretKeywords: ["billing", "ledger", "export"],
    additionalProbability: 0.07,
  };
  expect(change).toHaveBeenCalledWith(TOKEN, { group: "decoys", value, basedOn: AT });
});

test("what cannot be is said at its field and not sent", async () => {
  const { change } = open();
  const decoys = await group("Honeytokens");
  await userEvent.type(decoys.getByLabelText("Words for keys"), "fine not-fine");
  await userEvent.clear(decoys.getByLabelText(/^Honeytokens per vault/));
  await userEvent.click(decoys.getByRole("button", { name: "Save" }));
  decoys.getByText(/A keyword has 1 to 30 letters or digits/);
  decoys.getByText("Give a whole number.");
  expect(change).not.toHaveBeenCalled();
});

test.each(["0x3", "3e0", "0b11", "Infinity", "+3", "3,", "3 3", "."])("%j is no number", async (typed) => {
  const { change } = open();
  const decoys = await group("Honeytokens");
  fireEvent.change(decoys.getByLabelText(/^Honeytokens per vault/), { target: { value: typed } });
  fireEvent.change(decoys.getByLabelText("Chance of one more"), { target: { value: typed } });
  await userEvent.click(decoys.getByRole("button", { name: "Save" }));
  decoys.getByText("Give a whole number.");
  decoys.getByText("Give a number.");
  expect(change).not.toHaveBeenCalled();
});

test.each([
  ["7.5", 0.075],
  [" 12 ", 0.12],
  [".5", 0.005],
])("%j is the number that it says", async (typed, additionalProbability) => {
  const { change } = open();
  const decoys = await group("Honeytokens");
  fireEvent.change(decoys.getByLabelText("Chance of one more"), { target: { value: typed } });
  await userEvent.click(decoys.getByRole("button", { name: "Save" }));
  await decoys.findByText("Saved");
  const value = { ...DEFAULT_SETTINGS.decoys, additionalProbability };
  expect(change).toHaveBeenCalledWith(TOKEN, { group: "decoys", value, basedOn: AT });
});

test("a number that is out of bounds is said as that", async () => {
  open();
  const decoys = await group("Honeytokens");
  fireEvent.change(decoys.getByLabelText(/^Honeytokens per vault/), { target: { value: "-3" } });
  await userEvent.click(decoys.getByRole("button", { name: "Save" }));
  decoys.getByText("At least 1.");
});

test("hours in which nothing is started are off until somebody wants them, and have to differ", async () => {
  const { change } = open();
  const deployments = await group("Deployments over many vaults");
  expect(deployments.queryByLabelText("From")).toBeNull();
  await userEvent.click(deployments.getByLabelText("Start none in certain hours"));
  await userEvent.selectOptions(deployments.getByLabelText("To"), "8");
  await userEvent.click(deployments.getByRole("button", { name: "Save" }));
  deployments.getByText("Give two different hours.");
  await userEvent.selectOptions(deployments.getByLabelText("To"), "6");
  await userEvent.click(deployments.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(change).toHaveBeenCalledOnce());
  const value = { ...DEFAULT_SETTINGS.deployments, refuseHours: { from: 8, to: 6 } };
  expect(change.mock.calls[0]?.[1]).toEqual({ group: "deployments", value, basedOn: null });
});

test("time-bound roles are off until somebody wants them", async () => {
  const { change } = open();
  const deployments = await group("Deployments over many vaults");
  const box = deployments.getByLabelText(/time-bound role assignments/);
  expect(box).toHaveProperty("checked", false);
  await userEvent.click(box);
  await userEvent.click(deployments.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(change).toHaveBeenCalledOnce());
  const value = { ...DEFAULT_SETTINGS.deployments, timeBoundRoles: true };
  expect(change.mock.calls[0]?.[1]).toEqual({ group: "deployments", value, basedOn: null });
});

test("somebody else's change is not overwritten: it is said, and can be looked at", async () => {
  const failure = { code: "conflict" as const, message: "Sam changed these settings meanwhile." };
  const { change, server } = open({}, { ok: false, error: failure });
  const plans = await group("New vaults");
  await userEvent.click(plans.getByLabelText(/carried out by itself/));
  await userEvent.click(plans.getByRole("button", { name: "Save" }));
  await plans.findByText(/Sam changed these settings meanwhile/);
  expect(plans.getByLabelText(/carried out by itself/)).toHaveProperty("checked", true);
  server.settings = { ...DEFAULT_SETTINGS, newVaults: { nightlyPlan: "off", hour: 5 } };
  server.changed = { ...server.changed, newVaults: { at: "2026-11-22T11:00:00.000Z", by: "Sam" } };
  await userEvent.click(plans.getByRole("button", { name: "Try again" }));
  await waitFor(() => expect(plans.getByLabelText(/Nothing/)).toHaveProperty("checked", true));
  await userEvent.click(plans.getByLabelText(/waits for an administrator/));
  await userEvent.click(plans.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(change).toHaveBeenCalledTimes(2));
  expect(change.mock.calls[1]?.[1]).toMatchObject({
    value: { nightlyPlan: "wait", hour: 5 },
    basedOn: "2026-11-22T11:00:00.000Z",
  });
});

test("analysts read and cannot change", async () => {
  open({ mayChange: false });
  const decoys = await group("Honeytokens");
  expect(decoys.getByLabelText("Words for secrets")).toHaveProperty("disabled", true);
  expect(screen.queryByRole("button", { name: "Save" })).toBeNull();
  screen.getByText("Only administrators may change them.");
});

test("the webhook shows each message with its last answer, and sends a test once an address is saved", async () => {
  const webhook = { url: "https://chat.contoso.test/hook", leastSeverity: "Low" as const };
  const { sendTest } = open({ settings: { ...DEFAULT_SETTINGS, webhook } });
  const part = await group("Webhook for chat tools");
  const line = await part.findByRole("row", { name: /New incident/ });
  expect(line.textContent).toMatch(/Waiting.*3 tries.*answered 503/);
  await userEvent.click(part.getByRole("button", { name: "Send a test" }));
  await waitFor(() => expect(sendTest).toHaveBeenCalledWith(TOKEN, {}));
});

test("without an address no test can be sent, and an empty field means nobody is told", async () => {
  const { change } = open();
  const part = await group("Webhook for chat tools");
  expect(part.queryByRole("button", { name: "Send a test" })).toBeNull();
  await userEvent.type(part.getByLabelText(/^Address/), "chat.contoso.test");
  await userEvent.click(part.getByRole("button", { name: "Save" }));
  part.getByText(/begins with https/);
  await userEvent.clear(part.getByLabelText(/^Address/));
  await userEvent.selectOptions(part.getByLabelText("Incidents from"), "High");
  await userEvent.click(part.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(change).toHaveBeenCalledOnce());
  const value = { url: null, leastSeverity: "High" };
  expect(change.mock.calls[0]?.[1]).toEqual({ group: "webhook", value, basedOn: null });
});
