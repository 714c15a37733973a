"use client";
import { toFailure } from "@/components/api/api-error";
import { useAction } from "@/components/api/use-action";
import { useSubscriptionNames } from "@/components/api/use-subscription-names";
import { ConfirmedButton } from "@/components/ui/confirmed-button";
import type { VaultException } from "@/lib/exceptions/exceptions.pure";
import { scopeWords } from "./exception-words";
import s from "./exceptions.module.css";
import { type EndException, useRefreshExceptions } from "./use-exceptions";

/** Ends an exception after asking; what it kept away then comes back at once. */
export function EndExceptionButton({ exception, end }: { exception: VaultException; end: EndException }) {
  const ending = useAction(end, useRefreshExceptions());
  const words = scopeWords(exception.scope);
  const nameOf = useSubscriptionNames(words.isSubscription);
  const { level } = words;
  const name = words.isSubscription ? nameOf(words.name) : words.name;
  return (
    <>
      {ending.isError && (
        <span role="alert" className={s.problem}>
          {toFailure(ending.error).message}
        </span>
      )}
      <ConfirmedButton
        size="small"
        label={ending.isPending ? "Ending…" : "End"}
        name={`End the exception of ${name}`}
        disabled={ending.isPending}
        title="End this exception now?"
        confirm="End it"
        onConfirm={() => ending.mutate({ id: exception.id })}
      >
        <p>
          {level} {name}:{" "}
          {exception.kind === "exemption"
            ? "its vaults are shown with the state that their facts give, and the next plans include them again."
            : "the next nightly plan and work on all vaults include it again."}
        </p>
        <p>
          {exception.by} had added it because: {exception.reason}
        </p>
      </ConfirmedButton>
    </>
  );
}
