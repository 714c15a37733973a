import type { SimResponse } from "../http";
import type { Principal } from "../model";

/**
 * The pages of the simulated sign-in. No script and no inline style: they are also served through the product's own
 * origin, whose policy allows only styles from itself, and the stricter of two policies wins.
 */
const STYLE_PATH = "account/style.css";

interface PageFrame {
  tenantId: string;
  appOrigin: string;
  title: string;
  body: string;
  status?: number;
}

/** The account picker: one button per persona, sent with an unguessable ticket. */
export function pickerPage(options: {
  tenantId: string;
  appOrigin: string;
  ticket: string;
  people: Principal[];
  /** User name that the application suggested; that account comes first. */
  hint: string | undefined;
}): SimResponse {
  const { tenantId, appOrigin, ticket, hint } = options;
  const people = [...options.people].sort((a, b) => Number(b.upn === hint) - Number(a.upn === hint));
  const accounts = people.map(
    (person) => `<li><button class="account" name="account" value="${escapeHtml(person.oid)}">
<span class="initials" aria-hidden="true">${escapeHtml(initials(person.name))}</span>
<span class="who"><span class="label">${escapeHtml(person.persona ?? person.name)}</span>
<span class="detail"><span>${escapeHtml(person.name)}</span> <span>${escapeHtml(person.upn ?? "")}</span></span></span></button></li>`,
  );
  const body = `<h1>Choose an account</h1>
<p class="lead">to continue to Key Vault Honeytokens</p>
<form method="post" action="/${tenantId}/account/choose">
<input type="hidden" name="ticket" value="${escapeHtml(ticket)}">
<ul>${accounts.join("")}</ul>
<button class="cancel" name="cancel" value="yes">Cancel</button>
</form>`;
  return page({ tenantId, appOrigin, title: "Choose an account", body });
}

/** A page with one sentence and the way back; nothing is redirected from here. */
export function messagePage(options: {
  tenantId: string;
  appOrigin: string;
  title: string;
  message: string;
  status: number;
}): SimResponse {
  const { appOrigin, title, message } = options;
  const body = `<h1>${escapeHtml(title)}</h1><p class="lead">${escapeHtml(message)}</p>
<p><a href="${escapeHtml(appOrigin)}/">Back to Key Vault Honeytokens</a></p>`;
  return page({ ...options, body });
}

/** The style sheet of both pages, with a light and a dark form. */
export function stylesheet(): SimResponse {
  return {
    status: 200,
    headers: { "content-type": "text/css; charset=utf-8", "cache-control": "no-cache" },
    body: CSS,
  };
}

function page({ tenantId, appOrigin, title, body, status = 200 }: PageFrame): SimResponse {
  // A form's redirect is held to form-action too, hence the application's origin when the picker is opened directly.
  const policy = [
    "default-src 'none'",
    "style-src 'self'",
    "img-src data:",
    `form-action 'self' ${appOrigin}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ];
  return {
    status,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
      "content-security-policy": policy.join("; "),
      "referrer-policy": "no-referrer",
      "x-frame-options": "DENY",
    },
    body: `<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)} – simulated tenant</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/${tenantId}/${STYLE_PATH}">
</head><body>
<main>
<div class="notice"><p><strong>Simulated tenant.</strong> This sign-in runs on this computer. It is not Microsoft, and no password is asked for.</p></div>
<div class="card">${body}</div>
</main>
</body></html>`,
  };
}

function initials(name: string): string {
  return name
    .split(" ")
    .map((word) => word.charAt(0))
    .join("")
    .slice(0, 2);
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

const CSS = `
:root { color-scheme: light dark; --page: #f3f4f6; --card: #ffffff; --text: #1b1f24; --quiet: #545b64; --line: #d5d9df;
  --hover: #f0f4fa; --accent: #0f5fb3; --on-accent: #ffffff; --notice: #fff4ce; --notice-line: #d9b44a; --notice-text: #4a3b06; }
@media (prefers-color-scheme: dark) {
  :root { --page: #14171b; --card: #1f2329; --text: #f1f3f5; --quiet: #b3bac3; --line: #3b424b;
    --hover: #29303a; --accent: #6fb2f5; --on-accent: #0b1a2a; --notice: #3a3216; --notice-line: #80691f; --notice-text: #f7e7b0; }
}
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; background: var(--page); color: var(--text);
  font: 15px/1.45 "Segoe UI", system-ui, -apple-system, Roboto, "Helvetica Neue", sans-serif; display: grid; place-items: center; }
main { width: 100%; max-width: 30rem; padding: 1.5rem 1rem 3rem; }
.notice { background: var(--notice); color: var(--notice-text); border: 1px solid var(--notice-line); border-radius: 8px; padding: .75rem 1rem; margin-bottom: 1rem; }
.notice p { margin: 0; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 1.75rem 1.5rem 1.25rem; box-shadow: 0 1px 3px rgb(0 0 0 / .12), 0 8px 24px rgb(0 0 0 / .06); }
h1 { font-size: 1.45rem; line-height: 1.25; font-weight: 600; margin: 0 0 .25rem; }
.lead { color: var(--quiet); margin: 0 0 1.25rem; overflow-wrap: anywhere; }
ul { list-style: none; margin: 0 0 1rem; padding: 0; border: 1px solid var(--line); border-radius: 8px; overflow: hidden; }
li + li { border-top: 1px solid var(--line); }
button { font: inherit; color: inherit; cursor: pointer; }
.account { display: flex; align-items: center; gap: .9rem; width: 100%; padding: .85rem 1rem; text-align: left; background: none; border: 0; }
.account:hover { background: var(--hover); }
.initials { flex: none; width: 2.5rem; height: 2.5rem; border-radius: 50%; display: grid; place-items: center; background: var(--accent); color: var(--on-accent); font-weight: 600; }
.who { min-width: 0; }
.label { display: block; font-weight: 600; }
.detail { display: block; color: var(--quiet); font-size: .87rem; overflow-wrap: anywhere; }
.detail span { display: inline-block; margin-right: .4rem; }
.cancel { background: none; border: 1px solid var(--line); border-radius: 6px; padding: .45rem 1.1rem; }
.cancel:hover { background: var(--hover); }
a { color: var(--accent); }
button:focus-visible, a:focus-visible { outline: 3px solid var(--accent); outline-offset: -3px; }
a:focus-visible, .cancel:focus-visible { outline-offset: 2px; }
@media (forced-colors: active) { .initials { border: 1px solid CanvasText; } }
`;
