"use client";
import { Button } from "@fluentui/react-components";
import dynamic from "next/dynamic";
import { toFailure } from "@/components/api/api-error";
import { useAction } from "@/components/api/use-action";
import { ConfirmedButton } from "@/components/ui/confirmed-button";
import { useDialog } from "@/components/ui/use-dialog";
import type { AlertException } from "@/lib/detection/alert-exceptions.pure";
import s from "./alert-exceptions.module.css";
import { type AlertExceptionActions, useRefreshAlertExceptions } from "./use-alert-exceptions";

const RenewDialog = dynamic(() => import("./renew-dialog").then((file) => file.RenewDialog), { ssr: false });

interface EndOrRenewProps extends Pick<AlertExceptionActions, "renew" | "end"> {
  exception: AlertException;
}

/** What an administrator can decide about one exception. */
export function EndOrRenew({ exception, renew, end }: EndOrRenewProps) {
  const renewing = useDialog();
  const ending = useAction(end, useRefreshAlertExceptions());
  const { callerName, review } = exception;
  const verb = review === "over" ? "Let go" : "End";
  return (
    <span className={s.buttons}>
      {ending.isError && (
        <span role="alert" className={s.problem}>
          {toFailure(ending.error).message}
        </span>
      )}
      <Button size="small" aria-label={`Renew the exception of ${callerName}`} onClick={renewing.ask}>
        Renew
      </Button>
      <ConfirmedButton
        size="small"
        label={ending.isPending ? "Ending…" : verb}
        name={`${verb} the exception of ${callerName}`}
        disabled={ending.isPending}
        title={review === "over" ? "Let this exception go?" : "End this exception now?"}
        confirm={review === "over" ? "Let it go" : "End it"}
        onConfirm={() => ending.mutate({ id: exception.id })}
      >
        <p>
          {review === "over"
            ? "It lowers no alert any more; letting it go takes it off the list for review."
            : "From the next minutes on, touches by this caller raise an alert in full."}
        </p>
      </ConfirmedButton>
      {renewing.asked && (
        <RenewDialog open={renewing.open} exception={exception} renew={renew} onClose={renewing.close} />
      )}
    </span>
  );
}
