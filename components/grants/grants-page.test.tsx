import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, test, vi } from "vitest";
import { renderInProduct, stubApi, TOKEN } from "@/components/testing/render";
import type { CustomRoleView } from "@/lib/deployments/custom-roles.pure";
import type { OpenGrant } from "@/lib/deployments/open-grants.pure";
import { GrantsPage } from "./grants-page";

const GROUP = "/subscriptions/11111111-2222-4333-8444-555555555555/resourcegroups/rg-shop";

function grant(change: Partial<OpenGrant> = {}): OpenGrant {
  return {
    id: "g1",
    scope: `${GROUP}/providers/microsoft.keyvault/vaults/kv-orders`,
    at: "vault",
    model: "policies",
    purpose: "plant",
    what: "In the access policies: secrets/list, secrets/set",
    state: "given",
    since: "2026-11-22T10:00:00.000Z",
    leaseUntil: "2026-11-22T10:20:00.000Z",
    endsAt: null,
    deploymentId: "d1",
    drill: false,
    requestedBy: "Adam Admin",
    ...change,
  };
}

function role(change: Partial<CustomRoleView> = {}): CustomRoleView {
  return {
    purpose: "plant",
    state: "right",
    name: "Vault object provisioning",
    actions: [],
    dataActions: ["Microsoft.KeyVault/vaults/keys/read"],
    tooMuch: [],
    tooLittle: [],
    problem: null,
    ...change,
  };
}

function open(grants: OpenGrant[], roles: CustomRoleView[] = [role()], leftOut = 0) {
  stubApi((url) =>
    url.startsWith("/api/roles")
      ? { body: { roles } }
      : { body: { grants, leftOut, readAt: "2026-11-22T10:00:00.000Z" } },
  );
  const takeBack = vi.fn(async () => ({ ok: true as const, data: { taken: true as const } }));
  const writeRole = vi.fn(async () => ({ ok: true as const, data: role() }));
  renderInProduct(<GrantsPage takeBack={takeBack} writeRole={writeRole} />);
  return { takeBack, writeRole };
}

describe("the open grants", () => {
  test("say which ones Azure ends by itself, and when", async () => {
    const bound = { model: "rbac" as const, what: "Role to list and write", endsAt: "2026-11-22T10:40:00.000Z" };
    open([grant(), grant({ id: "g2", scope: GROUP, at: "group", ...bound })]);
    expect((await screen.findByRole("row", { name: /kv-orders/ })).textContent).toContain("Not by itself");
    expect((await screen.findByRole("row", { name: /rg-shop/ })).textContent).toMatch(/By itself, .*40/);
  });

  test("say where, what, for which deployment, and that none is open when there is none", async () => {
    open([grant(), grant({ id: "g2", scope: GROUP, at: "group", what: "Role to list and write", deploymentId: null })]);
    const line = await screen.findByRole("row", { name: /kv-orders/ });
    expect(line.textContent).toContain("secrets/set");
    expect(within(line).getByRole("link", { name: "Adam Admin" }).getAttribute("href")).toBe("/deployments/d1");
    expect((await screen.findByRole("row", { name: /rg-shop/ })).textContent).toContain("resource group");
  });

  test("an empty list is said to be one", async () => {
    open([]);
    await screen.findByText("No right is open");
  });

  test("that there are others, in vaults that the person may not read, is said, also beside an empty list", async () => {
    open([grant()], [], 1);
    await screen.findByText("1 open right in vaults that you may not read is not shown.");
    await screen.findByRole("row", { name: /kv-orders/ });
  });

  test("an empty list with others beside it does not claim that there is none", async () => {
    open([], [], 3);
    await screen.findByText("No right is open in the vaults that you may read");
    screen.getByText("3 open rights in vaults that you may not read are not shown.");
    expect(screen.queryByText("No right is open")).toBeNull();
    expect(screen.queryByText(/no right that still stands/)).toBeNull();
  });

  test("one that nothing needs any more is taken back by an administrator at a click", async () => {
    const { takeBack } = open([grant({ deploymentId: null })]);
    await userEvent.click(await screen.findByRole("button", { name: "Take back the right at kv-orders now" }));
    expect(takeBack).toHaveBeenCalledExactlyOnceWith(TOKEN, { id: "g1" });
  });
});

test.each([
  ["deployment", {}],
  ["drill", { purpose: "read" as const, deploymentId: null, drill: true }],
])("a right that a %s may still need is taken back only after a question", async (work, change) => {
  const { takeBack } = open([grant(change)]);
  await userEvent.click(await screen.findByRole("button", { name: "Take back the right at kv-orders now" }));
  await screen.findByText(new RegExp(`^The ${work} that it was given for`));
  expect(takeBack).not.toHaveBeenCalled();
  await userEvent.click(await screen.findByRole("button", { name: "Take it back", hidden: true }));
  expect(takeBack).toHaveBeenCalledExactlyOnceWith(TOKEN, { id: "g1" });
});

describe("the custom roles", () => {
  test("one that is as it should be is left alone; one that gives too much is brought to its form", async () => {
    const different = role({
      purpose: "retire",
      state: "different",
      tooMuch: ["Microsoft.KeyVault/vaults/secrets/purge"],
    });
    const { writeRole } = open([], [role(), different]);
    await screen.findByText(/gives exactly what is needed/);
    await screen.findByText(/gives too much: Microsoft.KeyVault\/vaults\/secrets\/purge/);
    const buttons = screen.getAllByRole("button", { name: /this role/ });
    expect(buttons.map((button) => button.textContent)).toEqual(["Bring this role to its form"]);
    await userEvent.click(screen.getByRole("button", { name: "Bring this role to its form" }));
    expect(writeRole).toHaveBeenCalledExactlyOnceWith(TOKEN, { purpose: "retire" });
  });

  test("one that the settings do not name says which setting", async () => {
    open([], [role({ purpose: "retire", state: "not_configured" })]);
    await screen.findByText(/RETIRE_ROLE_ID/);
  });
});
