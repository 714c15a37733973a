"use client";
import { createContext, useContext } from "react";

/** The signed-in person, and how to act as that person. What leaves the page throws ApiError when it cannot. */
export interface Session {
  name: string;
  /** App roles in words; for display only. */
  roles: string[];
  /** An access token for this product's API; throws ApiError signed_out when the person must sign in again. */
  getToken(): Promise<string>;
  /** Leaves for the sign-in page and comes back to this address with its whole query. */
  signInAgain(): Promise<void>;
  /** Leaves for the sign-in page to give what Entra asks for in `claims`, then comes back. */
  stepUp(claims: string): Promise<void>;
  signOut(): Promise<void>;
}

const SessionContext = createContext<Session | null>(null);

export const SessionContextProvider = SessionContext.Provider;

/** The session of the signed-in person. Only below SessionGate, which shows the sign-in page otherwise. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error("useSession needs a SessionGate above it.");
  return session;
}

/** The session if there is one; for what also stands on the sign-in page. */
export function useOptionalSession(): Session | null {
  return useContext(SessionContext);
}
