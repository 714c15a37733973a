import { z } from "zod";
import { handleArm } from "../arm/service";
import type { Context } from "../context";
import { readCaller } from "../entra/token";
import { AzureError, type SimRequest, type SimResponse } from "../http";
import { handleKeyVault } from "../keyvault/service";
import type { LogRow } from "../model";
import { actorOf, tokenOf } from "./actors";
import type { Play } from "./catalogue";
import type { Stage, Step, StepAnswer } from "./play";

/** Why a play cannot go on; a sentence. */
export class PlayError extends Error {}

/** A row that a step left in the log. */
export interface RowLeft {
  table: LogRow["table"];
  operation: string;
  /** HTTP status, where the table has one. */
  status?: number;
  uri: string;
  timeGenerated: number;
  /** From when a query sees it. */
  ingestedAt: number;
}

/** What one step did, without anything secret: no body, no token. */
export interface StepDone {
  at: number;
  note: string;
  actor: string;
  method: string;
  uri: string;
  status: number;
  /** Code of the refusal. */
  error?: string;
  /** Number of entries of a list. */
  entries?: number;
  rows: RowLeft[];
}

const Refusal = z.looseObject({ error: z.looseObject({ code: z.string() }) });
const List = z.looseObject({ value: z.array(z.unknown()) });

/** Sends one step through the service that it is for, and looks at what it left in the log. */
export async function perform(
  context: Context,
  { play, stage }: { play: Play; stage: Stage },
  step: Step,
): Promise<{ answer: StepAnswer; done: StepDone }> {
  const request = await requestOf(context, play, stage, step);
  const before = context.model.logRows.size;
  const response = await send(context, request, step.service);
  const id = response.headers?.["x-ms-request-id"];
  const rows: RowLeft[] = [];
  for (const row of context.model.logRows.since(before)) if (row.values.CorrelationId === id) rows.push(rowLeft(row));
  const { status, body } = response;
  const error = Refusal.safeParse(body).data?.error.code;
  const entries = List.safeParse(body).data?.value.length;
  const done: StepDone = {
    at: context.now(),
    note: step.note,
    actor: step.anonymous ? "nobody yet" : step.actor,
    method: step.method,
    uri: `https://${step.host}${step.path}`,
    status,
    rows,
    ...(error !== undefined && { error }),
    ...(entries !== undefined && { entries }),
  };
  return { answer: { status, body }, done };
}

async function send(context: Context, request: SimRequest, service: Step["service"]): Promise<SimResponse> {
  try {
    if (service === "keyvault") return await handleKeyVault(request, context);
    return await handleArm({ ...context, request, caller: await readCaller(request, context, "arm") });
  } catch (error) {
    if (error instanceof AzureError) return error.toResponse();
    throw error;
  }
}

async function requestOf(context: Context, play: Play, stage: Stage, step: Step): Promise<SimRequest> {
  // Those who knock at many doors are the same at each; a vault's own actors belong to the vault of the stage.
  const actor = actorOf(context, stage.vault, step.actor, play.actors[step.actor] ?? "");
  if (!actor) throw new PlayError("No team of the world looks after this vault, so nobody's token can be stolen.");
  const text = step.body === undefined ? "" : JSON.stringify(step.body);
  return {
    method: step.method,
    host: step.host,
    path: step.path,
    query: new URLSearchParams(step.query),
    headers: {
      "user-agent": actor.userAgent,
      ...(text !== "" && { "content-type": "application/json" }),
      ...(!step.anonymous && { authorization: `Bearer ${await tokenOf(context, actor, step.service)}` }),
    },
    text,
    json: () => JSON.parse(text),
    callerAddress: actor.address,
  };
}

function rowLeft({ table, values, timeGenerated, ingestedAt }: LogRow): RowLeft {
  const status = values.httpStatusCode_d ?? values.HttpStatusCode;
  return {
    table,
    operation: String(values.OperationName ?? ""),
    ...(typeof status === "number" && { status }),
    uri: String(values.requestUri_s ?? values.RequestUri ?? values._ResourceId ?? ""),
    timeGenerated,
    ingestedAt,
  };
}
