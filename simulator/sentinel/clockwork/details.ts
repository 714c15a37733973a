import type { Severity } from "../documents";
import type { ResultRow } from "./result-rows";
import type { RuleSettings } from "./rule-settings";

/*
 * What an alert says beyond the rule's own words. Limits: Microsoft Learn, "Surface custom event details in alerts" and
 * "Customize alert details".
 */

const DETAILS_MAX = 20;
const VALUES_MAX = 50;
/** Bytes of all custom details of an alert together; values beyond it are dropped. */
const BYTES_MAX = 2 * 1024;
/** Columns that one format may name. */
const COLUMNS_MAX = 3;
const NAME_MAX = 256;
const DESCRIPTION_MAX = 5000;

/**
 * The values of the rule's custom details in rows: for each key the different texts of its column, as far as they fit. A
 * list in a cell is one value, its JSON text.
 */
export function customDetails({ customDetails: wanted }: RuleSettings, rows: readonly ResultRow[]) {
  const found: Record<string, string[]> = {};
  let bytes = 2;
  for (const [key, column] of Object.entries(wanted ?? {}).slice(0, DETAILS_MAX)) {
    const values = [...new Set(rows.map((row) => row.text(column)).filter((text) => text !== ""))];
    const kept: string[] = [];
    bytes += Buffer.byteLength(JSON.stringify(key)) + 4;
    for (const value of values.slice(0, VALUES_MAX)) {
      const size = Buffer.byteLength(JSON.stringify(value)) + 1;
      if (bytes + size > BYTES_MAX) continue;
      bytes += size;
      kept.push(value);
    }
    if (kept.length > 0) found[key] = kept;
  }
  return found;
}

interface Wording {
  displayName: string;
  description: string;
  severity: Severity;
  tactics: string[];
  techniques: string[];
  /** Columns of the alert's row that the rule fills from its result. */
  overrides: Record<string, string>;
}

/** An alert's words: the rule's, or what its overrides find in the first of the rows. */
export function wordingOf(settings: RuleSettings, rows: readonly ResultRow[]): Wording {
  const { alertDetailsOverride: override } = settings;
  const [row] = rows;
  const column = (name: string | null | undefined) => (name && row ? row.text(name) : "");
  const properties = dynamicProperties(override?.alertDynamicProperties, row);
  return {
    displayName: filled(override?.alertDisplayNameFormat, row, NAME_MAX) ?? settings.displayName,
    description: filled(override?.alertDescriptionFormat, row, DESCRIPTION_MAX) ?? settings.description ?? "",
    severity: severityNamed(column(override?.alertSeverityColumnName)) ?? settings.severity,
    tactics: listIn(column(override?.alertTacticsColumnName)) ?? settings.tactics,
    techniques: listIn(properties.Techniques ?? "") ?? settings.techniques,
    overrides: withoutTechniques(properties),
  };
}

/** `Honeytoken {{Decoy}} read` with the row's values; undefined when there is nothing to fill in, or too much. */
function filled(format: string | null | undefined, row: ResultRow | undefined, most: number): string | undefined {
  if (!format || !row) return undefined;
  const columns = new Set(Array.from(format.matchAll(/\{\{\s*([^{}]+?)\s*\}\}/g), ([, name]) => name));
  if (columns.size > COLUMNS_MAX) return undefined;
  const text = format.replaceAll(/\{\{\s*([^{}]+?)\s*\}\}/g, (_, name: string) => row.text(name)).trim();
  return text === "" ? undefined : text.slice(0, most);
}

const SEVERITIES: readonly Severity[] = ["High", "Medium", "Low", "Informational"];

function severityNamed(text: string): Severity | undefined {
  return SEVERITIES.find((severity) => severity.toLowerCase() === text.trim().toLowerCase());
}

/** `A, B` or `["A","B"]`; undefined for nothing. */
function listIn(text: string): string[] | undefined {
  const names = text.replaceAll(/[[\]"]/g, "").split(",");
  const found = names.map((name) => name.trim()).filter((name) => name !== "");
  return found.length > 0 ? found : undefined;
}

function dynamicProperties(
  mappings: NonNullable<RuleSettings["alertDetailsOverride"]>["alertDynamicProperties"],
  row: ResultRow | undefined,
): Record<string, string> {
  const found: Record<string, string> = {};
  for (const { alertProperty, value } of mappings ?? []) {
    const text = row?.text(value) ?? "";
    if (DYNAMIC_PROPERTIES.has(alertProperty) && text !== "") found[alertProperty] = text;
  }
  return found;
}

/** Columns of `SecurityAlert` that a rule may fill with text. */
const DYNAMIC_PROPERTIES: ReadonlySet<string> = new Set([
  ...["AlertLink", "ConfidenceLevel", "ExtendedLinks", "ProductName", "ProviderName", "ProductComponentName"],
  ...["RemediationSteps", "Techniques"],
]);

function withoutTechniques({ Techniques: _, ...rest }: Record<string, string>): Record<string, string> {
  return rest;
}
