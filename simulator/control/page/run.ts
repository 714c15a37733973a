import type { Clock } from "../../clock";
import type { SimResponse } from "../../http";
import type { StepDone } from "../../plays/perform";
import type { Run } from "../../plays/runner";
import { type Html, html, page, time } from "./frame";
import { advanceForm } from "./home";

/** What came of a run, step by step, with the rows that each step left. */
export function runPage(run: Run, clock: Clock, token: string): SimResponse {
  const now = clock.now();
  const rows = run.steps.flatMap((step) => step.rows);
  const pending = rows.filter(({ ingestedAt }) => ingestedAt > now).length;
  const changing = clock.mode === "real" && (run.state === "running" || pending > 0);
  const fact = (name: string, value: string | Html) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
  const main = html`<h1>${run.title}</h1>
<p class="lead">on <strong>${run.vault}</strong></p>
<p id="state" role="status">${stateOf(run, rows.length, pending)}</p>
${clock.mode === "virtual" ? html`<section class="card" aria-label="Clock">${advanceForm(token, `/sim/runs/${run.id}`)}</section>` : undefined}
<div id="live"><section class="card" aria-label="Facts"><dl>${[
    fact("Started", time(run.startedAt)),
    ...(run.endedAt === undefined ? [] : [fact("Ended", time(run.endedAt))]),
    ...Object.entries(run.parameters).map(([name, value]) => fact(name, String(value))),
    fact("Steps", String(run.steps.length)),
    fact("Rows left in the log", String(rows.length)),
  ]}</dl></section>
<section class="card" aria-labelledby="steps"><h2 id="steps">Steps</h2>${stepTable(run, now)}</section></div>
<p><a href="/sim?vault=${run.vault}">Another play on this vault</a></p>`;
  return page({ title: `${run.title}, run ${run.id}`, main, live: changing });
}

function stateOf({ state, failure, steps }: Run, rows: number, pending: number): string {
  if (state === "failed") return `Ended early: ${failure ?? "no reason was given."}`;
  const where = pending === 0 ? "all of them where a query sees them" : `${pending} of them still on their way`;
  const log = rows === 0 ? "no row in the watched log" : `${rows} rows in the log, ${where}`;
  return `${state === "running" ? "Running" : "Done"}: ${steps.length} steps, ${log}.`;
}

function stepTable({ steps, vault }: Run, now: number): Html {
  // The vault's own host is in the heading; what went to another one shows whole.
  const shown = (uri: string) => uri.replace(`https://${vault}.vault.azure.net`, "");
  if (steps.length === 0) return html`<p class="quiet">No step yet.</p>`;
  return html`<div class="scroll" tabindex="0" role="group" aria-labelledby="steps"><table class="stack steps"><thead><tr><th scope="col" class="number">No.</th><th scope="col">Time</th><th scope="col">What and who</th><th scope="col">Request</th><th scope="col">Answer</th><th scope="col">Rows left</th></tr></thead><tbody>${steps.map(
    (step, place) =>
      html`<tr><td class="tight" data-label="No.">${place + 1}</td><td class="tight" data-label="Time">${time(step.at)}</td><td data-label="What">${step.note} <span class="quiet">(${step.actor})</span></td><td data-label="Request"><code>${step.method} ${shown(step.uri)}</code></td><td class="tight" data-label="Answer">${answerOf(step)}</td><td data-label="Rows">${rowsOf(step, now)}</td></tr>`,
  )}</tbody></table></div>`;
}

function answerOf({ status, error, entries }: StepDone): Html {
  const more = error ?? (entries === undefined ? "" : `${entries} entries`);
  return html`<span class="${status < 400 ? "good" : "bad"}">${status}</span> ${more}`;
}

function rowsOf({ rows }: StepDone, now: number): Html {
  if (rows.length === 0) return html`<span class="quiet">none</span>`;
  return html`<ul>${rows.map(
    (row) =>
      html`<li>${row.operation} ${row.status} <span class="quiet">${row.table}, ${row.ingestedAt > now ? "on its way" : "arrived"}</span></li>`,
  )}</ul>`;
}
