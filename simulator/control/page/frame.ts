import { createHash } from "node:crypto";
import type { SimResponse } from "../../http";

/** Text that is already HTML. */
export interface Html {
  readonly html: string;
}

/** HTML from a template: everything put into it is escaped, unless it is HTML already; lists are joined, `undefined` is nothing. */
export function html(parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  let text = parts[0] ?? "";
  values.forEach((value, place) => {
    text += render(value) + (parts[place + 1] ?? "");
  });
  return { html: text };
}

type HtmlValue = string | number | Html | undefined | readonly Html[];

function render(value: HtmlValue): string {
  if (value === undefined) return "";
  if (typeof value === "string" || typeof value === "number")
    return String(value).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
  return "html" in value ? value.html : value.map(render).join("");
}

/** A whole page. `live` asks the browser to look again every second at what `id="live"` holds. */
export function page(options: { title: string; main: Html; status?: number; live?: boolean }): SimResponse {
  const { title, main, status = 200, live = false } = options;
  const policy = [
    "default-src 'none'",
    `style-src ${hashOf(CSS)}`,
    ...(live ? [`script-src ${hashOf(LOOK_AGAIN)}`, "connect-src 'self'"] : []),
    "img-src data:",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ];
  const body = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} – simulated tenant</title>
<link rel="icon" href="data:,">
<style>${{ html: CSS }}</style>
</head><body>
<a class="skip" href="#main">Skip to content</a>
<header><p class="brand"><a href="/sim">Simulated tenant</a></p>
<nav aria-label="Pages"><a href="/sim">Plays</a> <a href="/sim/vaults">Vaults</a></nav></header>
<main id="main" tabindex="-1">${main}</main>
${live ? { html: `<script>${LOOK_AGAIN}</script>` } : undefined}
</body></html>`;
  return {
    status,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
      "content-security-policy": policy.join("; "),
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-resource-policy": "same-origin",
      // Without any referrer a browser would also hide the origin of the page's own forms.
      "referrer-policy": "same-origin",
      "x-frame-options": "DENY",
    },
    body: body.html,
  };
}

/** The only inline text that the page's policy lets through, also in the copies of the page that the script parses. */
function hashOf(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}

/** `2026-11-22 09:00:00 UTC`, as a machine-readable time. */
export function time(milliseconds: number): Html {
  const iso = new Date(milliseconds).toISOString();
  return html`<time datetime="${iso}">${iso.slice(0, 19).replace("T", " ")} UTC</time>`;
}

/** Replaces what is live; what is marked to be announced is only touched when it changed. */
const LOOK_AGAIN = `
const look = async () => {
  try {
    const answer = await fetch(location.href, { cache: "no-store" });
    const next = new DOMParser().parseFromString(await answer.text(), "text/html");
    const [live, state] = ["live", "state"].map((id) => next.getElementById(id));
    const [oldLive, oldState] = ["live", "state"].map((id) => document.getElementById(id));
    if (live && oldLive.innerHTML !== live.innerHTML) oldLive.replaceChildren(...live.childNodes);
    if (state && oldState.textContent !== state.textContent) oldState.textContent = state.textContent;
    if (!next.querySelector("script")) return;
  } catch {}
  setTimeout(look, 1000);
};
setTimeout(look, 1000);
`;

const CSS = `
:root { color-scheme: light dark; --page: #f5f6f8; --card: #ffffff; --text: #1b1f24; --quiet: #515962; --line: #d3d8de;
  --field: #7b848e; --accent: #0b5cad; --on-accent: #ffffff; --bad: #a4262c; --good: #0b6a0b; --warn: #fff4ce; --warn-text: #4a3b06; }
@media (prefers-color-scheme: dark) {
  :root { --page: #15181c; --card: #1f2328; --text: #f1f3f5; --quiet: #b4bbc4; --line: #3a414a;
    --field: #8a939d; --accent: #74b6f7; --on-accent: #0a1927; --bad: #ff9aa2; --good: #7fd18b; --warn: #3a3216; --warn-text: #f7e7b0; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text);
  font: 15px/1.5 "Segoe UI", system-ui, -apple-system, Roboto, "Helvetica Neue", sans-serif; }
header { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; align-items: baseline; padding: .75rem 1.25rem; background: var(--card); border-bottom: 1px solid var(--line); }
.brand { margin: 0; font-weight: 600; } .brand a { color: inherit; text-decoration: none; }
nav a { margin-right: .9rem; }
main { max-width: 72rem; margin: 0 auto; padding: 1.25rem; outline: 0; }
h1 { font-size: 1.5rem; line-height: 1.25; font-weight: 600; margin: 0 0 .5rem; }
h2 { font-size: 1.1rem; font-weight: 600; margin: 0 0 .75rem; }
a { color: var(--accent); }
.skip { position: absolute; left: -100vw; } .skip:focus { left: .5rem; top: .5rem; background: var(--card); padding: .25rem .5rem; z-index: 1; }
.lead, .quiet { color: var(--quiet); } .lead { margin: 0 0 1.25rem; max-width: 60ch; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 1.1rem 1.25rem; margin: 0 0 1.25rem; }
.note { background: var(--warn); color: var(--warn-text); border-radius: 8px; padding: .6rem .9rem; margin: 0 0 1.25rem; }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: .75rem 1.25rem; margin: 0; }
dt { color: var(--quiet); font-size: .87rem; } dd { margin: 0; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
fieldset { border: 0; padding: 0; margin: 0 0 1rem; min-width: 0; } legend { font-weight: 600; padding: 0; margin-bottom: .4rem; }
.play { border-top: 1px solid var(--line); padding: .7rem 0; display: grid; grid-template-columns: auto 1fr; gap: 0 .7rem; }
.play > input { margin: .3rem 0 0; width: 1.05rem; height: 1.05rem; accent-color: var(--accent); }
.play > label { font-weight: 600; } .play > div { grid-column: 2; min-width: 0; } .play p { margin: 0; color: var(--quiet); }
.settings { display: flex; flex-wrap: wrap; gap: .5rem 1.25rem; margin-top: .5rem; }
.field { display: grid; gap: .2rem; } .field > label { font-size: .87rem; } .row { display: flex; flex-wrap: wrap; gap: .75rem 1.25rem; align-items: end; }
summary { cursor: pointer; color: var(--accent); width: fit-content; }
input[type="text"], input[type="number"], input[type="search"], select { font: inherit; color: inherit; background: var(--card); border: 1px solid var(--field); border-radius: 6px; padding: .4rem .6rem; max-width: 100%; }
.wide { width: 24rem; } .narrow { width: 9rem; }
button { font: inherit; font-weight: 600; cursor: pointer; background: var(--accent); color: var(--on-accent); border: 1px solid var(--accent); border-radius: 6px; padding: .45rem 1.1rem; min-height: 2.4rem; }
button.second { background: none; color: var(--accent); }
:is(a, button, input, select, summary, [tabindex="0"]):focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; vertical-align: top; padding: .45rem .75rem .45rem 0; border-top: 1px solid var(--line); }
th { font-weight: 600; font-size: .87rem; color: var(--quiet); border-top: 0; white-space: nowrap; } td { overflow-wrap: anywhere; }
td.tight { white-space: nowrap; font-variant-numeric: tabular-nums; } code { font: .87rem/1.4 ui-monospace, "Cascadia Mono", Consolas, monospace; }
td ul { list-style: none; margin: 0; padding: 0; } .good { color: var(--good); } .bad { color: var(--bad); } 
.steps .number { width: 2.5rem; }
@media (max-width: 44rem) {
  main { padding: 1rem; } .wide { width: 100%; } .row > .field { width: 100%; }
  .stack thead { position: absolute; left: -100vw; } .stack tr { display: block; border-top: 1px solid var(--line); padding: .5rem 0; } .stack tr:first-child { border-top: 0; }
  .stack td { display: block; border: 0; padding: .1rem 0; } .stack td::before { content: attr(data-label) " "; color: var(--quiet); font-size: .87rem; }
  .stack td.tight { white-space: normal; }
}
`;
