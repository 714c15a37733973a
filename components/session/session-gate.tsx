"use client";
import type { ReactNode } from "react";
import { Wait } from "@/components/ui/wait";
import { useSignIn } from "./session-provider";
import { SignInPage } from "./sign-in-page";

/** Shows its children to whoever is signed in, and the way to sign in to everybody else. */
export function SessionGate({ children }: { children: ReactNode }) {
  const state = useSignIn();
  if (state.status === "starting") {
    return (
      <main id="content">
        <Wait>Starting</Wait>
      </main>
    );
  }
  if (state.status === "signed_out") return <SignInPage problem={state.problem} signIn={state.signIn} />;
  return children;
}
