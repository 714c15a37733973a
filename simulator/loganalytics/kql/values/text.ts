import type { Json, KqlType, Value } from "../types";
import { formatDatetime, formatTimespan } from "./time";

/** A real as the service prints it: always with a fraction or an exponent. */
function realText(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "Infinity" : "-Infinity";
  const text = String(value);
  if (text.includes("e")) return text.replace("e", "E");
  return Number.isInteger(value) ? `${text}.0` : text;
}

/** A dynamic value as `tostring()` gives it: text as it is, null as "", the rest as compact JSON. */
export function jsonText(value: Json): string {
  if (typeof value === "string") return value;
  return value === null ? "" : JSON.stringify(value);
}

/** Any value as `tostring()` gives it; null is "". */
export function textOf(value: Value, type: KqlType): string {
  if (value === null) return "";
  if (typeof value === "string") return value;
  if (typeof value === "number") {
    if (type === "datetime") return formatDatetime(value);
    if (type === "timespan") return formatTimespan(value);
    if (type === "real" || type === "decimal") return realText(value);
    return String(value);
  }
  return jsonText(value);
}

/** A value as it stands inside a dynamic: dates and spans become text, numbers that JSON lacks become null. */
export function jsonOf(value: Value, type: KqlType): Json {
  if (typeof value !== "number") return value;
  if (type === "datetime") return formatDatetime(value);
  if (type === "timespan") return formatTimespan(value);
  return Number.isFinite(value) ? value : null;
}

/**
 * A cell as the query services send it in JSON: dates as ISO text without trailing zeros, spans as `d.hh:mm:ss`,
 * dynamics as JSON text (`"text"`) or as they are (`"json"`), reals that JSON lacks as text.
 */
export function wireValue(value: Value, type: KqlType, dynamics: "text" | "json"): Json {
  if (value === null) return null;
  if (type === "dynamic") return dynamics === "json" ? value : jsonText(value);
  if (typeof value !== "number") return value;
  if (type === "datetime") return formatDatetime(value).replace(/\.?0+Z$/, "Z");
  if (type === "timespan") return formatTimespan(value);
  return Number.isFinite(value) ? value : realText(value);
}
