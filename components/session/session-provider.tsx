"use client";
import { type AccountInfo, InteractionStatus, type IPublicClientApplication } from "@azure/msal-browser";
import { MsalProvider, useMsal } from "@azure/msal-react";
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";
import { ApiError } from "@/components/api/api-error";
import type { PublicAuthConfig } from "@/lib/auth/public-config.pure";
import { createMsalClient, errorCodeOf, silentToken } from "./msal-client";
import { roleLabels } from "./roles";
import { type Session, SessionContextProvider } from "./session-context";

export type SignInState =
  | { status: "starting" }
  | { status: "signed_out"; problem: string | null; signIn: () => Promise<void> }
  | { status: "signed_in" };

// While these last it is not yet known whether somebody is signed in.
const BUSY = new Set<InteractionStatus>([InteractionStatus.Startup, InteractionStatus.HandleRedirect]);

const SignInContext = createContext<SignInState>({ status: "starting" });

/** Whether somebody is signed in, and how to. */
export function useSignIn(): SignInState {
  return useContext(SignInContext);
}

/** Signs people in with MSAL and hands the session down. Renders its children in every state. */
export function SessionProvider({ settings, children }: { settings: PublicAuthConfig; children: ReactNode }) {
  const [client] = useState(() => createMsalClient(settings));
  return (
    <MsalProvider instance={client}>
      <SignedInPerson settings={settings}>{children}</SignedInPerson>
    </MsalProvider>
  );
}

function SignedInPerson({ settings, children }: { settings: PublicAuthConfig; children: ReactNode }) {
  const { instance, accounts, inProgress } = useMsal();
  const problem = useReturnFromSignIn(instance);
  const account = accountOf(instance, accounts);
  const [roles, setRoles] = useState<string[]>([]);

  const session = useMemo(
    () => account && sessionOf(instance, account, settings.scope, roles),
    [instance, account, settings.scope, roles],
  );
  useEffect(() => {
    if (!account) return;
    const current = { live: true };
    sessionOf(instance, account, settings.scope, [])
      .getToken()
      .then((token) => current.live && setRoles(roleLabels(token)))
      // Every read asks for a token too, and shows what is wrong where the person looks.
      .catch(() => {});
    return () => {
      current.live = false;
    };
  }, [instance, account, settings.scope]);

  const state = useMemo((): SignInState => {
    if (account) return { status: "signed_in" };
    if (problem === null && BUSY.has(inProgress)) return { status: "starting" };
    return { status: "signed_out", problem, signIn: () => leave(instance.loginRedirect({ scopes: [settings.scope] })) };
  }, [account, inProgress, problem, instance, settings.scope]);

  return (
    <SignInContext value={state}>
      <SessionContextProvider value={session}>{children}</SessionContextProvider>
    </SignInContext>
  );
}

/**
 * The account whose session this is; MSAL may know several after somebody switched. Taken from `accounts`, which keeps
 * its objects, because `getActiveAccount` makes a new one at each call and a session may not be new at each render.
 */
function accountOf(instance: IPublicClientApplication, accounts: AccountInfo[]): AccountInfo | null {
  const active = accounts.length > 1 ? instance.getActiveAccount()?.homeAccountId : undefined;
  return accounts.find((account) => account.homeAccountId === active) ?? accounts[0] ?? null;
}

/** Takes up what a redirect brought back. The sentence says why signing in failed; null when it did not. */
function useReturnFromSignIn(instance: IPublicClientApplication): string | null {
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    instance
      .initialize()
      .then(() => instance.handleRedirectPromise())
      .then((result) => {
        if (result) instance.setActiveAccount(result.account);
      })
      .catch((error: unknown) => setProblem(signInProblem(error)));
  }, [instance]);
  return problem;
}

function signInProblem(error: unknown): string {
  const code = errorCodeOf(error);
  if (code === "access_denied" || code === "user_cancelled") return "Signing in was cancelled.";
  if (code === "crypto_nonexistent")
    return "This browser signs in only over https or on localhost. Open this product at its own address.";
  return `Signing in did not work${code ? ` (${code})` : ""}. Try again.`;
}

function sessionOf(instance: IPublicClientApplication, account: AccountInfo, scope: string, roles: string[]): Session {
  const scopes = [scope];
  return {
    name: account.name || account.username,
    roles,
    getToken: () => silentToken(() => instance.acquireTokenSilent({ scopes, account })),
    signInAgain: () => leave(instance.acquireTokenRedirect({ scopes, account })),
    stepUp: (claims) => leave(instance.acquireTokenRedirect({ scopes, account, claims })),
    signOut: () => leave(instance.logoutRedirect({ account })),
  };
}

/** The page is being left; when that fails, it stays and has to say so. */
async function leave(navigation: Promise<void>): Promise<void> {
  try {
    await navigation;
  } catch (error) {
    throw new ApiError({ code: "unavailable", message: signInProblem(error) }, error);
  }
}
