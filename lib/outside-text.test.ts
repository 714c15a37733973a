import fc from "fast-check";
import { expect, test } from "vitest";
import { visibleJson, visibleText } from "./outside-text.pure";

test.each([
  ["plain – ünïcode", "plain – ünïcode"],
  ["invoice\u202Egnp.exe", "invoice‹U+202E›gnp.exe"],
  ["a\u200Bb\u2066c\u2069", "a‹U+200B›b‹U+2066›c‹U+2069›"],
  ["line\r\nline\ttab\0", "line‹U+000D›‹U+000A›line‹U+0009›tab‹U+0000›"],
  ["tag\u{E0041}", "tag‹U+E0041›"],
])("what cannot be seen in %j is spelt out", (text, shown) => {
  expect(visibleText(text)).toBe(shown);
});

test("JSON keeps every text to the letter and holds nothing that cannot be seen", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 20 }), (text) => {
      const json = visibleJson({ text: `${text}\u202E\u{E0041}` });
      expect(JSON.parse(json)).toEqual({ text: `${text}\u202E\u{E0041}` });
      expect(visibleText(json)).toBe(json);
    }),
  );
});
