import { randomBytes, timingSafeEqual } from "node:crypto";
import { ClockError, type Timekeeper } from "../../clock";
import type { Context } from "../../context";
import { AzureError, type Router, type SimRequest, type SimResponse } from "../../http";
import type { Model } from "../../model";
import { PLAYS } from "../../plays/catalogue";
import { requireRun, startPlay } from "../plays";
import { html, page } from "./frame";
import { homePage } from "./home";
import { runPage } from "./run";
import { vaultsPage } from "./vaults";

interface PageCall {
  request: SimRequest;
  context: Context;
  timekeeper: Timekeeper;
}

const HOUR = 3_600_000;

/**
 * The control page of the simulated tenant, for people. It exists only here, on the simulator's own port. Its forms
 * carry a token that no other site can read, beside the check of the origin that every control route has.
 */
export function routeControlPage<C extends PageCall>(router: Router<C>): void {
  router
    .on("GET", "/sim", (call) => home(call, call.request.query))
    .on("GET", "/sim/vaults", ({ context, request: { query } }) =>
      vaultsPage(context, (query.get("q") ?? "").slice(0, 127), wholeNumber(query.get("from"))),
    )
    .on("GET", "/sim/runs/{id}", ({ context, timekeeper: { clock } }, { id = "" }) =>
      orMessage(() => runPage(requireRun(context, id), clock, tokenOf(context))),
    )
    .on("POST", "/sim/run", run)
    .on("POST", "/sim/advance", advance);
}

function home({ context, timekeeper: { clock } }: PageCall, filled: URLSearchParams, refusal?: string): SimResponse {
  return homePage({ context, clock, token: tokenOf(context), filled, ...(refusal !== undefined && { refusal }) });
}

function run(call: PageCall): SimResponse {
  const form = readForm(call);
  if (form instanceof AzureError) return message(form);
  try {
    const name = form.get("play") ?? "";
    const started = startPlay(call.context, call.timekeeper, name, inputOf(name, form));
    return seeOther(`/sim/runs/${started.id}`);
  } catch (error) {
    if (error instanceof AzureError) return home(call, form, error.message);
    throw error;
  }
}

/** The fields of the chosen play, as its JSON body would have them. */
function inputOf(name: string, form: URLSearchParams): Record<string, unknown> {
  const spread = form.get("spread") ?? "0";
  const input: Record<string, unknown> = {
    vault: (form.get("vault") ?? "").trim(),
    spread: spread === "own" ? spread : Number(spread),
  };
  const play = PLAYS.find((one) => one.name === name);
  for (const field of Object.keys(play?.parameters.shape ?? {})) {
    const text = form.get(`${name}.${field}`);
    if (text !== null && text !== "") input[field] = /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
  }
  return input;
}

async function advance(call: PageCall): Promise<SimResponse> {
  const form = readForm(call);
  if (form instanceof AzureError) return message(form);
  const hours = Number(form.get("hours"));
  const { timekeeper } = call;
  try {
    await timekeeper.advanceTo(timekeeper.clock.now() + Math.round(hours * HOUR));
  } catch (error) {
    if (error instanceof ClockError) return home(call, form, error.message);
    throw error;
  }
  const back = form.get("back") ?? "";
  return seeOther(/^\/sim(\/runs\/\d{1,9})?$/.test(back) ? back : "/sim");
}

/** A form that this page made, or why it is none. */
function readForm({ request, context }: PageCall): URLSearchParams | AzureError {
  const type = request.headers["content-type"]?.split(";")[0]?.trim().toLowerCase();
  if (type !== "application/x-www-form-urlencoded")
    return new AzureError(415, "UnsupportedMediaType", "This address takes the form of the page only.");
  const form = new URLSearchParams(request.text);
  const given = Buffer.from(form.get("token") ?? "");
  const wanted = Buffer.from(tokenOf(context));
  if (given.length === wanted.length && timingSafeEqual(given, wanted)) return form;
  return new AzureError(403, "StaleForm", "The form is from an earlier start of the tenant. Open the page again.");
}

const tokens = new WeakMap<Model, string>();

/** What the forms of this start carry. */
function tokenOf(context: Context): string {
  let token = tokens.get(context.model);
  if (!token) {
    token = randomBytes(24).toString("base64url");
    tokens.set(context.model, token);
  }
  return token;
}

function orMessage(make: () => SimResponse): SimResponse {
  try {
    return make();
  } catch (error) {
    if (error instanceof AzureError) return message(error);
    throw error;
  }
}

function message(error: AzureError): SimResponse {
  const main = html`<h1>That did not work</h1><p class="lead">${error.message}</p><p><a href="/sim">Back to the plays</a></p>`;
  return page({ title: "That did not work", main, status: error.status });
}

function seeOther(location: string): SimResponse {
  return { status: 303, headers: { location }, body: "" };
}

function wholeNumber(text: string | null): number {
  return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : 0;
}
