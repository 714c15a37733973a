"use client";
import { Button } from "@fluentui/react-components";
import { useState } from "react";
import { toFailure } from "@/components/api/api-error";
import s from "./sign-in-page.module.css";

interface SignInPageProps {
  problem: string | null;
  signIn: () => Promise<void>;
}

/** One sentence and one button. The address stays, so that a deep link survives signing in. */
export function SignInPage({ problem, signIn }: SignInPageProps) {
  const [leaving, setLeaving] = useState(false);
  const [refused, setRefused] = useState<string | null>(null);
  const sentence = refused ?? problem;
  const start = () => {
    setLeaving(true);
    setRefused(null);
    signIn().catch((error: unknown) => {
      setLeaving(false);
      setRefused(toFailure(error).message);
    });
  };
  return (
    <main id="content" className={s.place}>
      <section className={s.card} aria-labelledby="sign-in-title">
        <h1 id="sign-in-title" className={s.title}>
          Sign in
        </h1>
        <p className={s.text}>
          See which of your key vaults are protected by a honeytoken, why the others are not, and put that right.
        </p>
        {sentence && (
          <p className={s.problem} role="alert">
            {sentence}
          </p>
        )}
        <Button appearance="primary" size="large" disabled={leaving} onClick={start}>
          Sign in with your work account
        </Button>
        <p className={s.hint}>You see the vaults that Azure lets you read. You come back to this page afterwards.</p>
      </section>
    </main>
  );
}
