/** Controls, and format characters: they show nothing, or turn the direction of what follows. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * Text that somebody outside chose, with every character that cannot be seen, or that turns the direction of reading,
 * spelt out: `invoice‹U+202E›gnp.exe`. So nothing looks like what it is not.
 */
export function visibleText(text: string): string {
  return text.replaceAll(
    UNSEEN,
    (mark) => `‹U+${(mark.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}›`,
  );
}

/** JSON in which the same characters stand as escapes: the value is kept to the letter, and an editor shows it as it is. */
export function visibleJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(UNSEEN, (mark) =>
    mark
      .split("")
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
      .join(""),
  );
}
