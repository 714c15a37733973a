"use client";
import { Button } from "@fluentui/react-components";
import dynamic from "next/dynamic";
import { toFailure } from "@/components/api/api-error";
import { useAction } from "@/components/api/use-action";
import { useDialog } from "@/components/ui/use-dialog";
import type { VaultException } from "@/lib/exceptions/exceptions.pure";
import { scopeWords } from "./exception-words";
import s from "./exceptions.module.css";
import { type EndException, useRefreshExceptions } from "./use-exceptions";

const ConfirmDialog = dynamic(() => import("@/components/ui/confirm-dialog").then((file) => file.ConfirmDialog), {
  ssr: false,
});

/** Ends an exception after asking; what it kept away then comes back at once. */
export function EndExceptionButton({ exception, end }: { exception: VaultException; end: EndException }) {
  const asking = useDialog();
  const ending = useAction(end, useRefreshExceptions());
  const { level, name } = scopeWords(exception.scope);
  return (
    <>
      {ending.isError && (
        <span role="alert" className={s.problem}>
          {toFailure(ending.error).message}
        </span>
      )}
      <Button size="small" disabled={ending.isPending} aria-label={`End the exception of ${name}`} onClick={asking.ask}>
        {ending.isPending ? "Ending…" : "End"}
      </Button>
      {asking.asked && (
        <ConfirmDialog
          open={asking.open}
          title="End this exception now?"
          confirm="End it"
          onClose={asking.close}
          onConfirm={() => {
            asking.close();
            ending.mutate({ id: exception.id });
          }}
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
        </ConfirmDialog>
      )}
    </>
  );
}
