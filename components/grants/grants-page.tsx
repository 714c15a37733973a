"use client";
import { Button } from "@fluentui/react-components";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import Link from "next/link";
import { getJson } from "@/components/api/get-json";
import { every } from "@/components/api/polling";
import { type Action, useAction } from "@/components/api/use-action";
import { useSession } from "@/components/session/session-context";
import { Age, LocalTime } from "@/components/ui/age";
import { ConfirmedButton } from "@/components/ui/confirmed-button";
import { EmptyState } from "@/components/ui/empty-state";
import { FailureNotice } from "@/components/ui/failure-notice";
import table from "@/components/ui/list-table.module.css";
import { Page } from "@/components/ui/page";
import { plural } from "@/components/ui/plural";
import { Wait } from "@/components/ui/wait";
import { type OpenGrant, OpenGrants } from "@/lib/deployments/open-grants.pure";
import s from "./grants-page.module.css";
import { RolesCard, type WriteRole } from "./roles-card";

export type TakeBack = Action<{ id: string }, { taken: true }>;

const EVERY_MS = 5_000;
const TRAIL = [{ href: "/setup", name: "Set-up" }];

const STATES: Record<OpenGrant["state"], string> = {
  intended: "Being given",
  given: "Given",
  revoking: "Being taken back",
};

/** Every right that an identity of this product holds for the time of its work, while it holds it. */
export function GrantsPage({ takeBack, writeRole }: { takeBack: TakeBack; writeRole: WriteRole }) {
  const { getToken } = useSession();
  const grants = useQuery({
    queryKey: ["grants"],
    queryFn: ({ signal }) => getJson("/api/grants", (body) => OpenGrants.parse(body), getToken, signal),
    refetchInterval: every(EVERY_MS),
  });
  return (
    <Page
      title="Grants and roles"
      trail={TRAIL}
      lead="Rights that the planting identity, and for a drill by a permitted read the identity that makes drills, hold at this moment. Each is taken back when its vault is done, and by the sweeper when its time is over."
    >
      {grants.isError && <FailureNotice error={grants.error} onRetry={() => grants.refetch()} />}
      {grants.isPending && <Wait>Reading the open grants</Wait>}
      {grants.data &&
        (grants.data.grants.length === 0 ? (
          <NoGrant leftOut={grants.data.leftOut} />
        ) : (
          <Grants grants={grants.data.grants} takeBack={takeBack} />
        ))}
      {grants.data && grants.data.leftOut > 0 && (
        <p>
          {plural(grants.data.leftOut, "open right")} in vaults that you may not read{" "}
          {grants.data.leftOut === 1 ? "is" : "are"} not shown.
        </p>
      )}
      <RolesCard writeRole={writeRole} />
    </Page>
  );
}

function NoGrant({ leftOut }: { leftOut: number }) {
  const when = "Rights appear here while a deployment or a drill by a permitted read runs.";
  if (leftOut > 0) return <EmptyState title="No right is open in the vaults that you may read">{when}</EmptyState>;
  return (
    <EmptyState title="No right is open">
      This product has given its identities no right that still stands. {when}
    </EmptyState>
  );
}

function Grants({ grants, takeBack }: { grants: readonly OpenGrant[]; takeBack: TakeBack }) {
  const { roles } = useSession();
  const client = useQueryClient();
  const taking = useAction(takeBack, () => client.invalidateQueries({ queryKey: ["grants"] }));
  const administrator = roles.includes("Administrator");
  return (
    <>
      {taking.isError && <FailureNotice error={taking.error} />}
      <div className={table.card}>
        <table className={table.table}>
          <thead>
            <tr>
              <th scope="col">Where</th>
              <th scope="col">What</th>
              <th scope="col">State</th>
              <th scope="col">Since</th>
              <th scope="col">Until at most</th>
              <th scope="col">Azure ends it</th>
              <th scope="col">For</th>
              {administrator && <th scope="col">Take back</th>}
            </tr>
          </thead>
          <tbody>
            {grants.map((grant) => (
              <tr key={grant.id}>
                <th scope="row">
                  {nameOf(grant)}
                  <span className={s.note}>{grant.at === "group" ? "resource group" : "vault"}</span>
                </th>
                <td data-label="What">{grant.what}</td>
                <td data-label="State">{STATES[grant.state]}</td>
                <td data-label="Since">
                  <Age at={grant.since} />
                </td>
                <td data-label="Until at most">
                  <LocalTime at={grant.leaseUntil} />
                </td>
                <td data-label="Azure ends it">
                  {grant.endsAt === null ? (
                    "Not by itself"
                  ) : (
                    <>
                      By itself, <LocalTime at={grant.endsAt} />
                    </>
                  )}
                </td>
                <td data-label="For">
                  <NeededBy grant={grant} />
                </td>
                {administrator && (
                  <td>
                    <TakeBackButton
                      grant={grant}
                      busy={taking.isPending}
                      onTakeBack={() => taking.mutate({ id: grant.id })}
                    />
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

interface TakeBackButtonProps {
  grant: OpenGrant;
  busy: boolean;
  onTakeBack: () => void;
}

/** Asks first where work may still need the right. */
function TakeBackButton({ grant, busy, onTakeBack }: TakeBackButtonProps) {
  const where = nameOf(grant);
  const disabled = busy || grant.state === "revoking";
  const label = "Take back now";
  const name = `Take back the right at ${where} now`;
  if (grant.deploymentId === null && !grant.drill) {
    return (
      <Button size="small" disabled={disabled} aria-label={name} onClick={onTakeBack}>
        {label}
      </Button>
    );
  }
  const work = grant.drill ? "drill" : "deployment";
  return (
    <ConfirmedButton
      size="small"
      label={label}
      name={name}
      disabled={disabled}
      title={`Take back the right at ${where} now?`}
      confirm="Take it back"
      onConfirm={onTakeBack}
    >
      <p>The {work} that it was given for takes it back by itself once it is done.</p>
      <p>If it is still at work there, what it has left to do can fail without it.</p>
    </ConfirmedButton>
  );
}

function NeededBy({ grant: { deploymentId, drill, purpose, requestedBy } }: { grant: OpenGrant }) {
  if (deploymentId !== null) return <Link href={`/deployments/${deploymentId}`}>{requestedBy ?? "A deployment"}</Link>;
  if (drill) return `A drill${requestedBy === null ? "" : ` by ${requestedBy}`}`;
  return `A ${purpose === "read" ? "drill" : "deployment"} that is gone`;
}

function nameOf({ scope }: OpenGrant): string {
  return scope.slice(scope.lastIndexOf("/") + 1);
}
