"use client";
import { Button, SearchBox } from "@fluentui/react-components";
import { AddRegular } from "@fluentui/react-icons";
import dynamic from "next/dynamic";
import { debounce, parseAsBoolean, parseAsString, useQueryStates } from "nuqs";
import { useMemo } from "react";
import { useSubscriptionNames } from "@/components/api/use-subscription-names";
import { Check } from "@/components/ui/check";
import { EmptyState } from "@/components/ui/empty-state";
import { FailureNotice } from "@/components/ui/failure-notice";
import s from "@/components/ui/list-table.module.css";
import { Page } from "@/components/ui/page";
import { plural } from "@/components/ui/plural";
import { useDialog } from "@/components/ui/use-dialog";
import { Wait } from "@/components/ui/wait";
import type { ExceptionList } from "@/lib/exceptions/exceptions.pure";
import { type Entry, ExceptionTable } from "./exception-table";
import { KIND_LOOK } from "./exception-words";
import own from "./exceptions.module.css";
import { type AddException, type EndException, useExceptions } from "./use-exceptions";

const AddExceptionDialog = dynamic(() => import("./add-exception-dialog").then((file) => file.AddExceptionDialog), {
  ssr: false,
});

const TRAIL = [{ href: "/setup", name: "Set-up" }];

const PARAMETERS = {
  q: parseAsString.withDefault("").withOptions({ limitUrlUpdates: debounce(250) }),
  /** Also those that are over. */
  past: parseAsBoolean.withDefault(false),
};

interface ExceptionsPageProps {
  add: AddException;
  end: EndException;
}

/** Vaults that are left out or need no honeytoken: who decided it, why, and until when. */
export function ExceptionsPage({ add, end }: ExceptionsPageProps) {
  const list = useExceptions();
  const adding = useDialog();
  return (
    <Page
      title="Exceptions"
      lead="Vaults that are left out, and vaults that need no honeytoken. Each ends by itself."
      trail={TRAIL}
      actions={
        list.data?.mayChange && (
          <Button appearance="primary" icon={<AddRegular />} onClick={adding.ask}>
            Add an exception
          </Button>
        )
      }
    >
      {list.isError && <FailureNotice error={list.error} onRetry={() => list.refetch()} />}
      {list.isPending && <Wait>Reading the exceptions</Wait>}
      {list.data && <Exceptions list={list.data} end={end} />}
      {adding.asked && <AddExceptionDialog open={adding.open} add={add} onClose={adding.close} />}
    </Page>
  );
}

function Exceptions({ list, end }: { list: ExceptionList; end: EndException }) {
  const [{ q, past }, setParameters] = useQueryStates(PARAMETERS);
  const change = (next: { q?: string; past?: boolean }) => {
    // The address follows by itself; there is nothing to wait for.
    setParameters(next).catch(() => {});
  };
  const all = useMemo<Entry[]>(
    () => [...list.active.map((one) => ({ ...one, endedAt: null, endedBy: null })), ...(past ? list.past : [])],
    [list, past],
  );
  const subscriptionName = useSubscriptionNames();
  const leftOut = list.leftOut.active + (past ? list.leftOut.past : 0);
  const found = useMemo(() => search(all, q, subscriptionName), [all, q, subscriptionName]);
  return (
    <>
      <div className={s.toolbar}>
        <SearchBox
          className={own.search}
          aria-label="Search exceptions"
          placeholder="Search scope, reason, person"
          value={q}
          onChange={(_, data) => change({ q: data.value })}
        />
        <Check label="Also those that are over" checked={past} onChange={(next) => change({ past: next })} />
      </div>
      {found.length > 0 ? (
        <ExceptionTable entries={found} subscriptionName={subscriptionName} {...(list.mayChange && { end })} />
      ) : all.length > 0 ? (
        <EmptyState
          title="No exception matches"
          action={<Button onClick={() => change({ q: "" })}>Clear the search</Button>}
        >
          {all.length === 1 ? "One is" : `${all.length} are`} hidden by the search.
        </EmptyState>
      ) : leftOut > 0 ? (
        <EmptyState title="There is no exception in what you may read" />
      ) : (
        <EmptyState title="There is no exception">Every vault is expected to hold a honeytoken.</EmptyState>
      )}
      {leftOut > 0 && (
        <p>
          {plural(leftOut, "exception")} of vaults that you may not read in Azure {leftOut === 1 ? "is" : "are"} not
          shown.
        </p>
      )}
    </>
  );
}

/** Every word has to occur somewhere in the entry. */
function search(entries: readonly Entry[], text: string, subscriptionName: (id: string) => string): Entry[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return entries.filter(({ kind, scope, reason, by }) => {
    const subscription = subscriptionName(scope.split("/")[2] ?? "");
    const searched = [KIND_LOOK[kind].word, scope, subscription, reason, by].join(" ").toLowerCase();
    return words.every((word) => searched.includes(word));
  });
}
