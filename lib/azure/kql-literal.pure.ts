/** A typed KQL value: string, long (safe integer), bool, datetime, or a dynamic array of strings. */
export type KqlValue = string | number | boolean | Date | readonly string[];

const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;

/**
 * `let name = literal;` per parameter, one a line: the only way by which a value enters a query of this product.
 * Throws on a name that is not an identifier, a number that is not a safe integer and an invalid date: faults of ours.
 */
export function letPrologue(parameters: Readonly<Record<string, KqlValue>>): string {
  return Object.entries(parameters)
    .map(([name, value]) => {
      if (!NAME.test(name)) throw new Error("A KQL parameter's name is an identifier.");
      return `let ${name} = ${kqlLiteral(value)};\n`;
    })
    .join("");
}

/** The KQL literal of a value; nothing in the value can end it. */
export function kqlLiteral(value: KqlValue): string {
  if (typeof value === "string") return kqlString(value);
  if (typeof value === "boolean") return value ? "true" : "false";
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value)) throw new Error("A KQL number parameter is a safe integer.");
    return `long(${value})`;
  }
  if (value instanceof Date) return `datetime(${value.toISOString()})`;
  return `dynamic([${value.map(kqlString).join(",")}])`;
}

/**
 * A double-quoted KQL string. Everything but plain letters, digits and harmless signs is written as `\uXXXX`, which
 * KQL strings and the JSON inside `dynamic()` read alike; so the text holds no quote, backslash or line end of the value.
 */
export function kqlString(text: string): string {
  let literal = "";
  // By UTF-16 unit, so that a lone surrogate keeps its value too.
  for (let i = 0; i < text.length; i++) {
    const unit = text.charAt(i);
    literal += /[A-Za-z0-9 _.:/@+=,;()<>-]/.test(unit)
      ? unit
      : `\\u${text.charCodeAt(i).toString(16).padStart(4, "0")}`;
  }
  return `"${literal}"`;
}
