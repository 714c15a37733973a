import { z } from "zod";
import type { Context } from "../context";
import type { SimRequest, SimResponse } from "../http";
import type { Principal, Session } from "../model";
import { type Client, findClient } from "./clients";
import { correlationOf, EntraError } from "./errors";
import { messagePage, pickerPage } from "./page";
import { clientInfo } from "./person-answer";
import { type EntraRuntime, entraOf, randomSecret } from "./runtime";
import { requireConsent, resolveScope } from "./scopes";
import { currentSession, startSession } from "./sessions";

const CODE_LIFE_MS = 2 * 60_000;
const PICKER_LIFE_MS = 10 * 60_000;

const Claims = z.object({ access_token: z.object({ acrs: z.object({ value: z.string().max(10) }) }) });

/** `GET` or `POST /{tenant}/oauth2/v2.0/authorize`. */
export async function authorize(context: Context, request: SimRequest): Promise<SimResponse> {
  const parameters =
    request.method === "POST"
      ? new URLSearchParams([...request.query, ...new URLSearchParams(request.text)])
      : request.query;
  const runtime = await entraOf(context);
  const client = findClient(context, (parameters.get("client_id") ?? "").toLowerCase());
  // Both must match exactly before anything is redirected, or the sign-in would be an open redirector.
  if (!client) {
    return refusal(context, 700016, "The application was not found in this directory. Check its client id.");
  }
  if (!client.redirectUris.includes(parameters.get("redirect_uri") ?? "")) {
    return refusal(
      context,
      50011,
      `The redirect URI in the request is not one of those registered for the application (${client.redirectUris.join(", ")}). Open the product at exactly that address.`,
    );
  }
  try {
    checkParameters(context, client, parameters);
    const session = currentSession(context, request);
    const prompt = parameters.get("prompt");
    if (session && (!prompt || prompt === "none") && fits(context, session, parameters)) {
      return grantCode(context, runtime, parameters, session);
    }
    if (prompt === "none") {
      throw session
        ? new EntraError("interaction_required", 50058, "Session information is not sufficient for single-sign-on.")
        : new EntraError("login_required", 50058, "A silent sign-in request was sent but no user is signed in.");
    }
    return openPicker(context, runtime, parameters);
  } catch (error) {
    if (error instanceof EntraError) return redirectError(context, request, parameters, error);
    throw error;
  }
}

/** `POST /{tenant}/account/choose`: the answer of the account picker. */
export async function chooseAccount(context: Context, request: SimRequest): Promise<SimResponse> {
  const form = new URLSearchParams(request.text);
  const runtime = await entraOf(context);
  const picker = runtime.pickers.get(form.get("ticket") ?? "");
  if (!picker || picker.expiresAt <= context.now()) {
    return messagePage({
      tenantId: context.identity.tenantId,
      appOrigin: context.settings.appOrigin,
      title: "This sign-in has expired",
      message: "Go back to the application and sign in again.",
      status: 400,
    });
  }
  const { parameters } = picker;
  if (form.has("cancel")) {
    const cancelled = new EntraError("access_denied", 65004, "The user cancelled the sign-in.");
    return redirectError(context, request, parameters, cancelled);
  }
  const person = personas(context).find((persona) => persona.oid === form.get("account"));
  if (!person) return refusal(context, 50034, "The account does not exist in this directory. Sign in again.");
  const wanted = wantedContext(parameters);
  const { session, headers } = startSession(context, person.oid, wanted ? [wanted] : []);
  const granted = grantCode(context, runtime, parameters, session);
  return { ...granted, headers: { ...granted.headers, ...headers } };
}

function checkParameters(context: Context, client: Client, parameters: URLSearchParams): void {
  const responseType = parameters.get("response_type");
  if (responseType !== "code") {
    throw new EntraError(
      "unsupported_response_type",
      700054,
      `response_type '${(responseType ?? "").slice(0, 40)}' is not enabled for the application.`,
    );
  }
  const mode = parameters.get("response_mode") ?? "query";
  if (mode !== "query" && mode !== "fragment") {
    throw new EntraError("invalid_request", 9002330, `response_mode '${mode.slice(0, 40)}' is not supported here.`);
  }
  const challenge = parameters.get("code_challenge");
  if (!challenge || parameters.get("code_challenge_method") !== "S256") {
    throw new EntraError(
      "invalid_request",
      9002325,
      "Proof Key for Code Exchange is required for cross-origin authorization code redemption.",
    );
  }
  if (!/^[A-Za-z0-9_-]{43}$/.test(challenge)) {
    throw new EntraError("invalid_request", 501491, "Invalid size of Code_Challenge parameter.");
  }
  requireConsent(client, resolveScope(context, parameters.get("scope") ?? ""));
}

/** Whether single sign-on may answer: same person as hinted, same session as named, step-up already done. */
function fits(context: Context, session: Session, parameters: URLSearchParams): boolean {
  const hint = parameters.get("login_hint");
  const sid = parameters.get("sid");
  const wanted = wantedContext(parameters);
  const upn = context.model.principals.get(session.oid)?.upn;
  return (
    (!hint || hint.toLowerCase() === upn?.toLowerCase()) &&
    (!sid || sid === session.sid) &&
    (!wanted || (session.acrs ?? []).includes(wanted))
  );
}

function openPicker(context: Context, runtime: EntraRuntime, parameters: URLSearchParams): SimResponse {
  const now = context.now();
  for (const [ticket, picker] of runtime.pickers) if (picker.expiresAt <= now) runtime.pickers.delete(ticket);
  const ticket = randomSecret();
  runtime.pickers.set(ticket, { parameters, expiresAt: now + PICKER_LIFE_MS });
  return pickerPage({
    tenantId: context.identity.tenantId,
    appOrigin: context.settings.appOrigin,
    ticket,
    people: personas(context),
    hint: parameters.get("login_hint")?.toLowerCase(),
  });
}

function grantCode(
  context: Context,
  runtime: EntraRuntime,
  parameters: URLSearchParams,
  session: Session,
): SimResponse {
  const now = context.now();
  for (const [code, grant] of runtime.codes) if (grant.expiresAt <= now) runtime.codes.delete(code);
  const code = randomSecret();
  runtime.codes.set(code, {
    oid: session.oid,
    sid: session.sid,
    acrs: session.acrs ?? [],
    clientId: (parameters.get("client_id") ?? "").toLowerCase(),
    redirectUri: parameters.get("redirect_uri") ?? "",
    challenge: parameters.get("code_challenge") ?? "",
    scope: parameters.get("scope") ?? "",
    nonce: parameters.get("nonce") ?? undefined,
    expiresAt: now + CODE_LIFE_MS,
    redeemed: false,
  });
  const answer = new URLSearchParams({ code });
  if (parameters.get("client_info")) answer.set("client_info", clientInfo(context, session.oid));
  answer.set("session_state", session.sid);
  return redirect(parameters, answer);
}

function redirectError(
  context: Context,
  request: SimRequest,
  parameters: URLSearchParams,
  error: EntraError,
): SimResponse {
  const answer = new URLSearchParams({
    error: error.error,
    error_description: error.describe(correlationOf(request), context.now()),
  });
  if (error.extra.suberror) answer.set("error_subcode", error.extra.suberror);
  return redirect(parameters, answer);
}

/** Back to the registered address, which the caller has checked already. */
function redirect(parameters: URLSearchParams, answer: URLSearchParams): SimResponse {
  const state = parameters.get("state");
  if (state !== null) answer.set("state", state);
  const target = new URL(parameters.get("redirect_uri") ?? "");
  if (parameters.get("response_mode") === "fragment") target.hash = answer.toString();
  else for (const [name, value] of answer) target.searchParams.set(name, value);
  return {
    status: 303,
    headers: { location: target.href, "cache-control": "no-store", "referrer-policy": "no-referrer" },
  };
}

function refusal(context: Context, number: number, message: string): SimResponse {
  return messagePage({
    tenantId: context.identity.tenantId,
    appOrigin: context.settings.appOrigin,
    title: `Sign-in failed (AADSTS${number})`,
    message,
    status: 400,
  });
}

function personas(context: Context): Principal[] {
  return [...context.model.principals.values()].filter((principal) => principal.persona !== undefined);
}

/** The authentication context that the `claims` parameter asks for, if any. */
function wantedContext(parameters: URLSearchParams): string | undefined {
  try {
    return Claims.safeParse(JSON.parse(parameters.get("claims") ?? "{}")).data?.access_token.acrs.value;
  } catch {
    return undefined;
  }
}
