"use client";
import { Button } from "@fluentui/react-components";
import dynamic from "next/dynamic";
import { bothTimes } from "@/components/ui/age";
import { Card } from "@/components/ui/page";
import { Badge } from "@/components/ui/state-badge";
import { useDialog } from "@/components/ui/use-dialog";
import type { VaultException } from "@/lib/exceptions/exceptions.pure";
import { EndExceptionButton } from "./end-exception";
import { KIND_LOOK, lastDayOf, scopeWords } from "./exception-words";
import s from "./exceptions.module.css";
import type { AddException, EndException } from "./use-exceptions";

const AddExceptionDialog = dynamic(() => import("./add-exception-dialog").then((file) => file.AddExceptionDialog), {
  ssr: false,
});

interface ExceptionPanelProps {
  vault: { id: string; name: string };
  exceptions: readonly VaultException[];
  mayChange: boolean;
  add: AddException;
  end: EndException;
}

/** What holds for one vault, and for administrators adding and ending it. Nothing where there is neither. */
export function ExceptionPanel({ vault, exceptions, mayChange, add, end }: ExceptionPanelProps) {
  const adding = useDialog();
  if (exceptions.length === 0 && !mayChange) return null;
  return (
    <Card title="Exceptions">
      {exceptions.length === 0 && <p className={s.none}>None holds for this vault.</p>}
      {exceptions.length > 0 && (
        <ul>
          {exceptions.map((exception) => (
            <li key={exception.id} className={s.entry}>
              <div className={s.entryHead}>
                <Badge look={KIND_LOOK[exception.kind]} />
                <time dateTime={exception.until} title={bothTimes(exception.until)}>
                  until {lastDayOf(exception.until)}
                </time>
                {mayChange && (
                  <span className={s.entryEnd}>
                    <EndExceptionButton exception={exception} end={end} />
                  </span>
                )}
              </div>
              <p>{exception.reason}</p>
              <p className={s.second}>
                {exception.by}
                {exception.scope !== vault.id && `, for the whole ${wider(exception.scope)}`}
              </p>
            </li>
          ))}
        </ul>
      )}
      {mayChange && (
        <div className={s.panelFooter}>
          <Button onClick={adding.ask}>Add an exception</Button>
        </div>
      )}
      {adding.asked && <AddExceptionDialog open={adding.open} add={add} vault={vault} onClose={adding.close} />}
    </Card>
  );
}

function wider(scope: string): string {
  const { level, name } = scopeWords(scope);
  return level === "Subscription" ? "subscription" : `${level.toLowerCase()} ${name}`;
}
