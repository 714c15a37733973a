import { normaliseId } from "@/lib/azure/resource-id.pure";
import { severityOf } from "../../severity";
import type { ReplayCase } from "./cases";
import type { LogRow, RaisedAlert } from "./tenant";

/** One operation on a registered decoy that everyday traffic made. */
export interface EverydayTouch {
  vaultId: string;
  decoy: string;
  address: string;
  client: string;
  at: number;
}

/** What alerts name: `vault|decoy|address of the caller`, all in lower case. */
export function keyOf({ vaultId, decoy, address }: { vaultId: string; decoy: string; address: string }): string {
  return `${vaultId}|${decoy}|${address}`.toLowerCase();
}

/** The keys of everything that an alert names. */
export function namedBy({ entities, customDetails }: RaisedAlert): string[] {
  const fields = (type: string, name: string) =>
    entities.flatMap(({ type: found, fields }) => (found === type ? (fields[name] ?? []) : []));
  const decoys = [...(customDetails.Decoys ?? []).flatMap(listed), ...(customDetails.HoneyTokenName ?? [])];
  return fields("azure-resource", "ResourceId").flatMap((vaultId) =>
    fields("ip", "Address").flatMap((address) => decoys.map((decoy) => keyOf({ vaultId, decoy, address }))),
  );
}

/** A list in a cell arrives as its JSON text. */
function listed(text: string): string[] {
  const value: unknown = JSON.parse(text);
  return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
}

/** The alerts by what they name. */
export function alertsByKey(alerts: readonly RaisedAlert[]): Map<string, RaisedAlert[]> {
  const found = new Map<string, RaisedAlert[]>();
  for (const alert of alerts) {
    for (const key of namedBy(alert)) found.set(key, [...(found.get(key) ?? []), alert]);
  }
  return found;
}

export function caseKey({ decoy, address }: ReplayCase): string {
  return keyOf({ vaultId: decoy.vaultId, decoy: decoy.name, address });
}

/** Names of registered decoys, `secrets/name` in lower case, by normalised vault id. */
type Registered = ReadonlyMap<string, ReadonlySet<string>>;

/** Operations on registered decoys since `since` that count as touches, found in the log by other means than a rule's. */
export function touchesIn(log: readonly LogRow[], registered: Registered, since: number): EverydayTouch[] {
  return log.flatMap(({ values, timeGenerated }) => {
    if (timeGenerated < since) return [];
    const text = (...columns: string[]) => columns.map((column) => values[column]).find(isText) ?? "";
    const vaultId = normaliseId(text("_ResourceId", "ResourceId"));
    const names = registered.get(vaultId);
    const status = Number(values.httpStatusCode_d ?? values.HttpStatusCode);
    if (!names || severityOf(text("OperationName"), status) === undefined) return [];
    const [, place = "", name = ""] = new URL(text("requestUri_s", "RequestUri")).pathname.toLowerCase().split("/");
    if (!names.has(`${place.replace(/^deleted/, "")}/${name}`)) return [];
    const address = text("CallerIPAddress", "CallerIpAddress");
    return [{ vaultId, decoy: name, address, client: text("clientInfo_s", "ClientInfo"), at: timeGenerated }];
  });
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
