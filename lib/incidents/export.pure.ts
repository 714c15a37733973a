import { toCsv } from "@/lib/csv.pure";
import { visibleJson, visibleText } from "@/lib/outside-text.pure";
import type { Incident } from "./select.pure";

const COLUMNS: readonly [string, (incident: Incident) => string][] = [
  ["number", ({ number }) => String(number)],
  ["id", ({ id }) => id],
  ["title", ({ title }) => title],
  ["severity", ({ severity }) => severity],
  ["status", ({ status }) => status],
  ["classification", ({ classification }) => classification ?? ""],
  ["owner", ({ owner }) => owner ?? ""],
  ["created", ({ createdAt }) => createdAt],
  ["changed", ({ changedAt }) => changedAt],
  ["first alert", ({ firstAlertAt }) => firstAlertAt ?? ""],
  ["last alert", ({ lastAlertAt }) => lastAlertAt ?? ""],
  ["vaults", ({ vaults }) => vaults.map(({ id }) => id).join("; ")],
  ["honeytokens", ({ decoys }) => decoys.join("; ")],
  ["operations", ({ operations }) => operations.join("; ")],
  ["callers", ({ callers }) => callers.join("; ")],
  ["touches", ({ touches }) => (touches === null ? "" : String(touches))],
];

/** Incidents as CSV: nothing in it runs as a formula or turns the direction of reading. */
export function incidentsCsv(incidents: readonly Incident[]): string {
  return toCsv(
    COLUMNS.map(([name]) => name),
    incidents.map((incident) => COLUMNS.map(([, read]) => visibleText(read(incident)))),
  );
}

/** Incidents as a JSON array, a line each, every text to the letter. */
export function incidentsJson(incidents: readonly Incident[]): string {
  return `[\n${incidents.map(visibleJson).join(",\n")}\n]\n`;
}
