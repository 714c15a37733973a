import type { AccountInfo, PublicClientApplication } from "@azure/msal-browser";
import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import type { ShareView } from "@/components/share/share-button";
import { AppShell } from "@/components/shell/app-shell";
import { renderInProduct } from "@/components/testing/render";
import type { PublicAuthConfig } from "@/lib/auth/public-config.pure";
import { SessionGate } from "./session-gate";
import { SessionProvider } from "./session-provider";

const settings: PublicAuthConfig = {
  clientId: "spa",
  authority: "https://entra-simulated.invalid/tenant",
  knownAuthorities: [],
  authorityMetadata: null,
  scope: "api://api/access_as_user",
  tenantId: "tenant",
  simulated: true,
  banner: "Simulated tenant",
};

const msal = vi.hoisted(() => ({ accounts: [] as unknown[], client: {} as Record<string, unknown> }));
vi.mock("./msal-client", async (original) => ({
  ...(await original<typeof import("./msal-client")>()),
  createMsalClient: () => msal.client as unknown as PublicClientApplication,
}));
vi.mock("next/navigation", () => ({ usePathname: () => "/vaults" }));

const adam: Partial<AccountInfo> = { homeAccountId: "home", localAccountId: "local", username: "adam@contoso.test" };
const roles = Buffer.from(JSON.stringify({ roles: ["Platform.Admin"] })).toString("base64url");

beforeEach(() => {
  msal.accounts = [];
  const logger = { clone: () => logger, info() {}, verbose() {} };
  msal.client = {
    initializeWrapperLibrary() {},
    getLogger: () => logger,
    addEventCallback: () => "callback",
    removeEventCallback() {},
    initialize: async () => {},
    handleRedirectPromise: async () => null,
    setActiveAccount() {},
    // As the real one: new objects at each call.
    getAllAccounts: () => msal.accounts.map((account) => Object.assign({}, account)),
    getActiveAccount: () => Object.assign({}, adam),
    acquireTokenSilent: vi.fn(async () => ({ accessToken: `h.${roles}.s` })),
    loginRedirect: vi.fn(async () => {}),
    logoutRedirect: vi.fn(async () => {}),
  };
});

const share: ShareView = async () => ({ ok: true, data: { id: "abcDEF123_-x" } });

function open() {
  renderInProduct(
    <SessionProvider settings={settings}>
      <AppShell banner={settings.banner} share={share}>
        <SessionGate>
          <p>The vaults</p>
        </SessionGate>
      </AppShell>
    </SessionProvider>,
  );
}

test("whoever is not signed in sees one way in, and none of the product", async () => {
  open();
  const button = await screen.findByRole("button", { name: /^Sign in/ });
  expect(screen.queryByText("The vaults")).toBeNull();
  expect(screen.queryByRole("navigation", { name: "Main" })).toBeNull();
  expect(screen.getByText("Simulated tenant")).toBeDefined();
  await userEvent.click(button);
  await waitFor(() => expect(msal.client.loginRedirect).toHaveBeenCalledWith({ scopes: [settings.scope] }));
});

test("a sign-in that cannot start says so instead of doing nothing", async () => {
  msal.client.loginRedirect = vi.fn(() => Promise.reject(Object.assign(new Error(), { errorCode: "no_network" })));
  open();
  await userEvent.click(await screen.findByRole("button", { name: /^Sign in/ }));
  expect((await screen.findByRole("alert")).textContent).toContain("no_network");
});

test("a sign-in that came back refused says so", async () => {
  msal.client.handleRedirectPromise = () => Promise.reject(Object.assign(new Error(), { errorCode: "access_denied" }));
  open();
  expect((await screen.findByRole("alert")).textContent).toBe("Signing in was cancelled.");
});

test("a signed-in person sees the product with name and role, and the page comes to rest", async () => {
  msal.accounts = [{ ...adam, name: "Adam Admin" }];
  open();
  await screen.findByText("The vaults");
  expect(screen.getByText("Adam Admin")).toBeDefined();
  await screen.findByText("Administrator");
  await screen.findByRole("button", { name: "Share this view" });
  await new Promise((resolve) => setTimeout(resolve, 30));
  const asked = vi.mocked(msal.client.acquireTokenSilent as () => unknown).mock.calls.length;
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(vi.mocked(msal.client.acquireTokenSilent as () => unknown).mock.calls.length).toBe(asked);
  expect(asked).toBeLessThanOrEqual(2);
});

test("signing out leaves for the sign-in service", async () => {
  msal.accounts = [{ ...adam, name: "Adam Admin" }];
  open();
  await screen.findByRole("button", { name: "Share this view" });
  await userEvent.click(await screen.findByRole("button", { name: "Sign out" }));
  await waitFor(() => expect(msal.client.logoutRedirect).toHaveBeenCalled());
});
