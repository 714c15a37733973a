import { z } from "zod";
import type { Clock } from "../../clock";
import type { Context } from "../../context";
import type { SimResponse } from "../../http";
import { PLAYS, type Play } from "../../plays/catalogue";
import { playsOf, type Run } from "../../plays/runner";
import { type Html, html, page, time } from "./frame";

/** Vaults that the field proposes; the list of vaults finds the others. */
const PROPOSED_MAX = 300;

export interface HomeOptions {
  context: Context;
  clock: Clock;
  /** Goes into every form, and must come back. */
  token: string;
  /** What the form held, after a refusal or a choice in the list of vaults. */
  filled?: URLSearchParams;
  /** Why nothing was started. */
  refusal?: string;
}

/** What the tenant is, the form that starts a play, and what ran. */
export function homePage(options: HomeOptions): SimResponse {
  const { context, clock, token, refusal } = options;
  const runs = playsOf(context).list();
  const main = html`<h1>Attack the simulated tenant</h1>
<p class="lead">Every play sends real requests to the tenant on this computer, with identities that exist in it. It leaves the rows that such an attack leaves, and nothing goes anywhere else.</p>
${refusal === undefined ? undefined : html`<p class="note" role="alert">${refusal}</p>`}
<section class="card" aria-labelledby="facts"><h2 id="facts">This tenant</h2>${facts(context, clock)}
${clock.mode === "virtual" ? advanceForm(token, "/sim") : undefined}</section>
<section class="card" aria-labelledby="start"><h2 id="start">Run a play</h2>${playForm(options)}</section>
<section class="card" aria-labelledby="runs"><h2 id="runs">Runs</h2>${runTable(runs)}</section>`;
  return page({ title: "Plays", main, status: refusal === undefined ? 200 : 400 });
}

function facts({ settings, identity, model }: Context, clock: Clock): Html {
  const { ingestionMin, ingestionMax, watchlist, grant } = settings.delays;
  const seconds = (milliseconds: number) =>
    `${(milliseconds / 1000).toLocaleString("en", { maximumFractionDigits: 1 })} s`;
  const fact = (name: string, value: string | Html) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
  return html`<dl>${[
    fact("Seed", String(settings.seed)),
    fact("Vaults", html`<a href="/sim/vaults">${model.vaults.size.toLocaleString("en")}</a>`),
    fact("Subscriptions", String(model.subscriptions.size)),
    fact("Clock", clock.mode === "real" ? "Real" : "Virtual: stands until it is advanced"),
    fact("Time", time(clock.now())),
    fact("First started", time(identity.firstStart)),
    fact("Row until a query sees it", `${seconds(ingestionMin)} to ${seconds(ingestionMax)}`),
    fact("Register until a rule sees it", seconds(watchlist)),
    fact("Grant until a vault honours it", seconds(grant)),
    fact("Product", html`<a href="${settings.appOrigin}">${settings.appOrigin}</a>`),
  ]}</dl>`;
}

/** Moves a virtual clock; `back` is the page to come back to. */
export function advanceForm(token: string, back: string): Html {
  return html`<form method="post" action="/sim/advance" class="row"><input type="hidden" name="token" value="${token}"><input type="hidden" name="back" value="${back}">
<div class="field"><label for="hours">Advance the clock by</label><select id="hours" name="hours"><option value="0.1">6 minutes</option><option value="1">1 hour</option><option value="24">1 day</option><option value="168">7 days</option></select></div>
<button class="second">Advance</button></form>`;
}

function playForm({ context, clock, token, filled }: HomeOptions): Html {
  const names: Html[] = [];
  for (const { name } of context.model.vaults.values()) {
    if (names.length === PROPOSED_MAX) break;
    names.push(html`<option value="${name}"></option>`);
  }
  const chosen = filled?.get("play") ?? PLAYS[0]?.name;
  const pace = filled?.get("spread") ?? (clock.mode === "virtual" ? "own" : "0");
  const option = (value: string, text: string) =>
    html`<option value="${value}"${value === pace ? { html: " selected" } : undefined}>${text}</option>`;
  return html`<form method="post" action="/sim/run"><input type="hidden" name="token" value="${token}">
<div class="row"><div class="field"><label for="vault">Vault</label>
<input class="wide" type="text" id="vault" name="vault" list="vaults" required maxlength="127" autocomplete="off" spellcheck="false" value="${filled?.get("vault") ?? ""}"><datalist id="vaults">${names}</datalist></div>
<div class="field"><label for="spread">Pace</label><select id="spread" name="spread">${[
    option("0", "No pause between steps"),
    option("2000", "2 seconds between steps"),
    option(
      "own",
      clock.mode === "virtual" ? "As the attacker would: advance the clock" : "As the attacker would: up to days",
    ),
  ]}</select></div></div>
<p><a href="/sim/vaults">Find a vault</a> <span class="quiet">with what it holds and how it logs.</span></p>
<fieldset><legend>Play</legend>${PLAYS.map((play) => playChoice(play, play.name === chosen, filled))}</fieldset>
<button>Run the play</button></form>`;
}

function playChoice(play: Play, chosen: boolean, filled: URLSearchParams | undefined): Html {
  const fields = Object.entries(play.parameters.shape).map(([name, schema]) => field(play, name, schema, filled));
  return html`<div class="play"><input type="radio" name="play" id="play-${play.name}" value="${play.name}"${chosen ? { html: " checked" } : undefined} aria-describedby="about-${play.name}"><label for="play-${play.name}">${play.title}</label>
<div><p id="about-${play.name}">${play.about}</p><details><summary>Settings of ${play.title.toLowerCase()}</summary><div class="settings">${fields}</div></details></div></div>`;
}

const Described = z.looseObject({
  description: z.string().default(""),
  default: z.union([z.string(), z.number()]),
  enum: z.array(z.string()).optional(),
  type: z.string(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
});

function field(play: Play, name: string, schema: Parameters<typeof z.toJSONSchema>[0], filled?: URLSearchParams): Html {
  const about = Described.parse(z.toJSONSchema(schema, { io: "input" }));
  const id = `${play.name}.${name}`;
  const value = filled?.get(id) ?? String(about.default);
  const control = about.enum
    ? html`<select id="${id}" name="${id}">${about.enum.map((one) => html`<option${one === value ? { html: " selected" } : undefined}>${one}</option>`)}</select>`
    : html`<input class="narrow" type="number" id="${id}" name="${id}" value="${value}" min="${about.minimum}" max="${about.maximum}" step="${about.type === "integer" ? "1" : "any"}">`;
  return html`<div class="field"><label for="${id}">${about.description}</label>${control}</div>`;
}

function runTable(runs: readonly Run[]): Html {
  if (runs.length === 0) return html`<p class="quiet">Nothing has run since the tenant was started.</p>`;
  return html`<div class="scroll" tabindex="0" role="group" aria-labelledby="runs"><table class="stack"><thead><tr><th scope="col">Play</th><th scope="col">Vault</th><th scope="col">Started</th><th scope="col">State</th><th scope="col">Steps</th><th scope="col">Rows</th></tr></thead><tbody>${runs.map(
    (run) =>
      html`<tr><td data-label="Play"><a href="/sim/runs/${run.id}">${run.title}, run ${run.id}</a></td><td data-label="Vault">${run.vault}</td><td class="tight" data-label="Started">${time(run.startedAt)}</td><td data-label="State">${run.state}</td><td class="tight" data-label="Steps">${run.steps.length}</td><td class="tight" data-label="Rows">${run.steps.reduce((sum, { rows }) => sum + rows.length, 0)}</td></tr>`,
  )}</tbody></table></div>`;
}
