import "server-only";
import { isIP } from "node:net";
import type { LogOutcome } from "@/lib/azure/logs";
import { GROUP_NAME, SUBSCRIPTION_ID } from "@/lib/azure/resource-id.pure";
import type { CloudProfile } from "@/lib/config";
import type { AppError } from "@/lib/errors";
import { disableCommands, sessionCommands } from "../containment.pure";
import type { Activity, CallerIdentity, Colleague, Problem, ReadObject, SilentVault } from "../incident.pure";
import { rankForRotation } from "../rotation.pure";
import { callerName } from "../sentence.pure";
import type { AddressRow, ColleagueRow, ReadRow, SilentRow, TouchRow } from "./incident-rows";

type Part<T> = { ok: true; rows: T[]; more: boolean; partial: Problem | null } | { ok: false; problem: Problem };

/** A failure as the page shows it beside what is there. */
export function problemOf({ failure }: AppError): Problem {
  return { message: failure.message, fix: failure.fix ?? null };
}

/** The answer of one query, at most `max` rows of it. */
export function partOf<R, T>(outcome: LogOutcome<R>, max: number, shape: (rows: R[]) => T[]): Part<T> {
  if (!outcome.ok) return { ok: false, problem: problemOf(outcome.error) };
  return {
    ok: true,
    rows: shape(outcome.rows.slice(0, max)),
    more: outcome.rows.length > max,
    partial: outcome.partial ? problemOf(outcome.partial) : null,
  };
}

/** Whether an address (normalised vault id, kind, name) was a honeytoken's at a time (ISO). */
type IsDecoy = (tokenKey: string, at: string) => boolean;

export function activityOf(rows: readonly TouchRow[], isDecoy: IsDecoy): Activity[] {
  return rows.map((row, place) => ({
    place,
    at: row.TimeGenerated,
    caller: row.Caller,
    operation: row.Operation,
    status: row.Status ?? 0,
    vaultId: row.VaultId,
    kind: row.Kind,
    name: row.Name,
    tokenKey: row.TokenKey,
    ip: row.Ip,
    client: row.Client,
    requestId: row.RequestId,
    touch: isDecoy(row.TokenKey, row.TimeGenerated),
  }));
}

/** The real objects among what was read, first to be rotated first. One that was read when it was real already is one. */
export function readsOf(rows: readonly ReadRow[], isDecoy: IsDecoy): ReadObject[] {
  return rankForRotation(
    rows
      .filter(({ TokenKey, Last }) => !isDecoy(TokenKey, Last))
      .map((row) => ({
        vaultId: row.VaultId,
        kind: row.Kind,
        name: row.Name,
        reads: row.Reads,
        after: row.After,
        first: row.First,
        last: row.Last,
        seconds: row.Seconds,
        operations: row.Operations,
      })),
  );
}

export function silentOf(rows: readonly SilentRow[]): SilentVault[] {
  return rows.map((row) => ({
    vaultId: row.VaultId,
    lastBefore: row.LastBefore ?? null,
    lastRow: row.LastRow ?? null,
  }));
}

/** A part that an incident of its kind does not have. */
export function noPart() {
  return { ok: true as const, rows: [], more: false, partial: null };
}

export function colleaguesOf(rows: readonly ColleagueRow[]): Colleague[] {
  return rows.map((row) => ({
    vaultId: row.VaultId,
    name: callerName({
      caller: row.Caller,
      upn: row.Upn,
      managedIdentity: row.ManagedIdentity,
      appIds: row.AppId ? [row.AppId] : [],
    }),
    days: row.Days,
    calls: row.Calls,
    refused: row.Refused,
    last: row.Last,
    operations: row.Operations,
  }));
}

/** Who the callers are, also those of whom the log has no row. An address is new when nothing came from it before. */
export function callersOf(
  rows: readonly AddressRow[],
  named: readonly string[],
  firstTouch: Date,
  cloud: CloudProfile,
): CallerIdentity[] {
  return named.map((caller) => {
    const own = rows.filter((row) => row.Caller === caller);
    const first = (pick: (row: AddressRow) => string) => own.map(pick).find((text) => text !== "") ?? null;
    const oid = first(({ Oid }) => Oid) ?? (GUID.test(caller) && own.length === 0 ? caller : null);
    const upn = first(({ Upn }) => Upn);
    const managedIdentity = first(({ ManagedIdentity }) => ManagedIdentity);
    const appIds = [...new Set(own.flatMap(({ AppIds }) => AppIds))];
    const kind = upn ? "user" : managedIdentity ? "managed identity" : appIds.length > 0 ? "application" : "unknown";
    const identity = { caller, kind, oid, upn, appIds, managedIdentity } as const;
    return {
      ...identity,
      clients: [...new Set(own.flatMap(({ Clients }) => Clients))].slice(0, 10),
      addresses: own.map(({ Ip, Calls, First, Last }) => ({
        ip: Ip,
        calls: Calls,
        first: First,
        last: Last,
        isNew: Date.parse(First) >= firstTouch.getTime() - NEW_WITHIN_MS,
        url: isIP(Ip) === 0 ? null : `${cloud.defenderPortal}/ip/${encodeURIComponent(Ip)}/overview`,
      })),
      links: linksOf(identity, cloud),
      commands: { sessions: sessionCommands(identity, cloud.graph), disable: disableCommands(identity) },
    };
  });
}

/** An address that was first seen an hour before the touch, or later, was not the caller's usual one. */
const NEW_WITHIN_MS = 60 * 60_000;

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const RESOURCE = new RegExp(String.raw`^${SUBSCRIPTION_ID}/resourcegroups/${GROUP_NAME}/providers/[\w./\-]+$`, "iu");

/** Pages about an identity; only what has the form of an id is ever put into an address. */
function linksOf(
  { kind, oid, appIds, managedIdentity }: Pick<CallerIdentity, "kind" | "oid" | "appIds" | "managedIdentity">,
  cloud: CloudProfile,
): { name: string; url: string }[] {
  const links: { name: string; url: string }[] = [];
  if (oid && GUID.test(oid)) {
    if (kind === "user") {
      const blade = "#view/Microsoft_AAD_UsersAndTenants/UserProfileMenuBlade/~/overview/userId";
      links.push({ name: "Entra", url: `${cloud.entraPortal}/${blade}/${oid}` });
      links.push({ name: "Defender portal", url: `${cloud.defenderPortal}/user?aad=${oid}` });
    } else {
      const appId = appIds.find((id) => GUID.test(id));
      const blade = `#view/Microsoft_AAD_IAM/ManagedAppMenuBlade/~/Overview/objectId/${oid}`;
      links.push({ name: "Entra", url: `${cloud.entraPortal}/${blade}${appId ? `/appId/${appId}` : ""}` });
    }
  }
  if (managedIdentity && RESOURCE.test(managedIdentity)) {
    links.push({ name: "Azure portal", url: `${cloud.portal}/#resource${managedIdentity}/overview` });
  }
  return links;
}
