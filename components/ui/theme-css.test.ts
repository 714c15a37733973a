import { type Theme, teamsHighContrastTheme, webDarkTheme, webLightTheme } from "@fluentui/react-components";
import { expect, test } from "vitest";

/** The value as the formatter would print it. */
const printed = (value: string | number): string =>
  String(value)
    .replaceAll("'", '"')
    .replace(/,(?=\S)/g, ", ")
    .replace(/(\.\d)0(?=\))/g, "$1");

/** Font families are set in global.css, with what a machine without Segoe UI has. */
const entries = (theme: Theme): [string, string][] =>
  Object.entries(theme)
    .filter(([name]) => !name.startsWith("fontFamily"))
    .map(([name, value]) => [name, printed(value)]);

const block = (theme: [string, string][], indent: string): string =>
  theme.map(([name, value]) => `${indent}--${name}: ${value};\n`).join("");

/** Only the colours and shadows that differ from `base`: type and spacing are the same in every theme. */
function differing(theme: Theme, base: Theme): [string, string][] {
  const light = new Map(entries(base));
  return entries(theme).filter(([name, value]) => /^(color|shadow)/.test(name) && light.get(name) !== value);
}

function themeCss(): string {
  return `/* Fluent's themes as plain variables that follow the system, so that no page flashes.
   Written by components/ui/theme-css.test.ts: after an update of Fluent run it with -u. */
:root {
  color-scheme: light;
${block(entries(webLightTheme), "  ")}}

@media (prefers-color-scheme: dark) {
  :root {
    color-scheme: dark;
${block(differing(webDarkTheme, webLightTheme), "    ")}  }
}

@media (forced-colors: active) {
  :root {
    color-scheme: light dark;
${block(differing(teamsHighContrastTheme, webLightTheme), "    ")}  }
}
`;
}

test("the style sheet holds the themes of the installed Fluent", async () => {
  await expect(themeCss()).toMatchFileSnapshot("../../app/theme.css");
});
