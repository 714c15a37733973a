"use client";
import { Button } from "@fluentui/react-components";
import { useState } from "react";
import { toFailure } from "@/components/api/api-error";
import { useSession } from "@/components/session/session-context";
import type { ErrorCode, Failure } from "@/lib/errors.pure";
import s from "./failure-notice.module.css";
import { Notice } from "./notice";

const TITLES: Record<ErrorCode, string> = {
  invalid: "That cannot be done",
  signed_out: "You are signed out",
  step_up: "One more step is needed to sign in",
  forbidden: "You may not do this",
  not_found: "Not found",
  conflict: "That cannot be done now",
  throttled: "Azure asks to wait",
  unavailable: "Something is not reachable",
};

interface FailureNoticeProps {
  error: unknown;
  /** Reads again. Also what was not allowed: nothing asks for that by itself any more, and the right may be there by then. */
  onRetry?: () => void;
}

/** What happened and what to do, with the button that does it. */
export function FailureNotice({ error, onRetry }: FailureNoticeProps) {
  const failure = toFailure(error);
  return (
    <Notice
      urgent
      intent={failure.code === "step_up" ? "warning" : "error"}
      title={TITLES[failure.code]}
      actions={<Remedy failure={failure} {...(onRetry && { onRetry })} />}
    >
      <FailureText failure={failure} />
    </Notice>
  );
}

function FailureText({ failure }: { failure: Failure }) {
  return (
    <span className={s.text}>
      {[failure.message, failure.fix].filter(Boolean).join(" ")}
      {failure.retryAfterSeconds !== undefined && ` Try again in ${failure.retryAfterSeconds} seconds.`}
      {failure.requestId && <span className={s.request}>Request {failure.requestId}</span>}
    </span>
  );
}

function Remedy({ failure, onRetry }: { failure: Failure; onRetry?: () => void }) {
  const session = useSession();
  const [problem, setProblem] = useState<string | null>(null);
  const leave = (how: () => Promise<void>) => () => {
    how().catch((error: unknown) => setProblem(toFailure(error).message));
  };
  const { claims } = failure;
  const action =
    failure.code === "signed_out"
      ? { words: "Sign in again", act: leave(session.signInAgain) }
      : failure.code === "step_up"
        ? { words: "Continue", act: leave(() => (claims ? session.stepUp(claims) : session.signInAgain())) }
        : onRetry && { words: "Try again", act: onRetry };
  if (!action) return null;
  return (
    <>
      {problem && <span>{problem}</span>}
      <Button size="small" onClick={action.act}>
        {action.words}
      </Button>
    </>
  );
}
