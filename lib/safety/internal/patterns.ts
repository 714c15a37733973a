import "server-only";
import type { Reader, ReaderClient } from "../facts.pure";

/** One row of `readers.kql`: what a caller did in a vault with one kind of object, within 30 days. */
export interface CallerRow {
  caller: string;
  collection: "secrets" | "keys" | "certificates";
  /** Windows of ten minutes in which it listed; each stretch of time counts twice, since windows overlap. */
  lists: number;
  /** Most names that it read in one window in which it listed, and that it backed up in one window. */
  mostRead: number;
  mostBackedUp: number;
  /** Names read after a listing. */
  names: readonly string[];
  agents: readonly string[];
}

/** Of the names in use: whoever reads so many at a time is taken to read all. */
const NEARLY_ALL = 0.6;
/** Windows with a listing, that is twice a day over 30 days, counted double: it watches the vault for what is new. */
const WATCHES_FROM = 120;
/** More beginnings than these are no selection by prefix. */
const PREFIXES_MAX = 3;
const PREFIX_LENGTH_MIN = 3;

/**
 * How this caller would meet a new object; undefined when it would not. `known` is how many names of the kind the log shows
 * in use. A browser is a person who looks around: what they open they chose to open.
 */
export function readerOf(row: CallerRow, known: number): Reader | undefined {
  if (row.collection === "certificates") return undefined;
  const kind = row.collection === "secrets" ? "secret" : "key";
  const base = { caller: row.caller, kind, client: clientOf(row.agents), prefixes: [] } as const;
  const person = row.agents.every(isBrowser);
  // What a certificate owns is in use and is not backed up, so a machine that goes by the list may take few.
  if (row.mostBackedUp > 0 && (nearlyAll(row.mostBackedUp, known) || (row.lists > 0 && !person)))
    return { ...base, pattern: "backup" };
  if (row.mostRead === 0 || person) return undefined;
  if (nearlyAll(row.mostRead, known) || row.lists >= WATCHES_FROM) return { ...base, pattern: "everything" };
  if (row.names.length < 2) return undefined;
  const prefixes = prefixesOf(row.names);
  return prefixes.length > 0 ? { ...base, pattern: "prefix", prefixes } : { ...base, pattern: "some" };
}

function nearlyAll(count: number, known: number): boolean {
  return count >= known * NEARLY_ALL;
}

function isBrowser(agent: string): boolean {
  return /^mozilla\//i.test(agent.trim());
}

const CLIENTS: readonly (readonly [RegExp, ReaderClient])[] = [
  [/aspnetcore\.configuration|configuration\.azurekeyvault/i, "aspnet"],
  [/spring/i, "spring"],
  [/external-secrets|secrets-store|akv2k8s|secret-?sync|vault-secrets-operator/i, "synchroniser"],
  [/azurecli|powershell|azps|vsts|azure-?devops|terraform|ansible/i, "script"],
];

function clientOf(agents: readonly string[]): ReaderClient {
  return CLIENTS.find(([pattern]) => agents.some((agent) => pattern.test(agent)))?.[1] ?? "unknown";
}

/**
 * The beginnings by which these names could have been selected, `app1-` or `payments--`; none when they have nothing in
 * common. Names that share their first word count together, so that an application with two prefixes is understood too.
 */
export function prefixesOf(names: readonly string[]): string[] {
  const whole = beginning(names);
  if (whole !== undefined) return [whole];
  const groups = new Map<string, string[]>();
  for (const name of names) {
    const head = name.split("-", 1)[0] ?? "";
    groups.set(head, [...(groups.get(head) ?? []), name]);
  }
  if (groups.size > PREFIXES_MAX || groups.size === names.length) return [];
  const prefixes = [...groups].map(([head, group]) => beginning(group) ?? `${head}-`);
  return prefixes.every((prefix) => prefix.length >= PREFIX_LENGTH_MIN) ? prefixes : [];
}

/** The longest common beginning, back to the last hyphen where there is one. */
function beginning(names: readonly string[]): string | undefined {
  const [first = "", ...rest] = names;
  let length = rest.length === 0 ? 0 : first.length;
  for (const name of rest) {
    while (!name.startsWith(first.slice(0, length))) length--;
  }
  const common = first.slice(0, length);
  const cut = common.includes("-") ? common.slice(0, common.lastIndexOf("-") + 1) : common;
  return cut.length >= PREFIX_LENGTH_MIN ? cut : undefined;
}
