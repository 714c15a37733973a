"use client";
import { Spinner } from "@fluentui/react-components";
import type { ReactNode } from "react";
import { useSignIn } from "./session-provider";
import { SignInPage } from "./sign-in-page";
import s from "./sign-in-page.module.css";

/** Shows its children to whoever is signed in, and the way to sign in to everybody else. */
export function SessionGate({ children }: { children: ReactNode }) {
  const state = useSignIn();
  if (state.status === "starting") {
    return (
      <main id="content" className={s.place}>
        <Spinner size="small" label="Starting" />
      </main>
    );
  }
  if (state.status === "signed_out") return <SignInPage problem={state.problem} signIn={state.signIn} />;
  return children;
}
