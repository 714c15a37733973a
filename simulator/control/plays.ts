import { z } from "zod";
import type { Timekeeper } from "../clock";
import type { Context } from "../context";
import { AzureError, type Router, type SimRequest } from "../http";
import type { Vault } from "../model";
import { PLAYS, type Play } from "../plays/catalogue";
import { playsOf, type Run } from "../plays/runner";

interface PlayCall {
  request: SimRequest;
  context: Context;
  timekeeper: Timekeeper;
}

const Common = {
  vault: z.string().min(1).max(127).describe("Name of the vault that it is played on"),
  spread: z
    .union([z.literal("own"), z.int().min(0).max(86_400_000)])
    .optional()
    .describe('Milliseconds between two steps, or "own" for the play\'s own pace'),
};
const CommonValues = z.looseObject(Common);

/** Control routes: which attacks can be played, starting one, and what came of it. */
export function routePlays<C extends PlayCall>(router: Router<C>): void {
  router
    .on("GET", "/sim/plays", ({ context, timekeeper: { clock } }) => ({
      status: 200,
      body: {
        clock: { mode: clock.mode, now: new Date(clock.now()).toISOString() },
        plays: PLAYS.map(({ name, title, about, parameters }) => ({
          name,
          title,
          about,
          parameters: z.toJSONSchema(parameters.extend(Common), { io: "input" }),
        })),
        runs: playsOf(context).list().map(summaryOf),
      },
    }))
    .on("GET", "/sim/plays/runs/{id}", ({ context }, { id = "" }) => ({
      status: 200,
      body: reportOf(context, requireRun(context, id)),
    }))
    .on("POST", "/sim/plays/{name}", ({ context, request, timekeeper }, { name = "" }) => {
      const run = startPlay(context, timekeeper, name, request.json());
      return { status: 202, headers: { location: `/sim/plays/runs/${run.id}` }, body: reportOf(context, run) };
    });
}

/**
 * Starts the play of that name with `input`, which nothing has looked at yet. Without `spread` it goes at its own pace
 * under a virtual clock, and without a pause under the real one.
 * @throws AzureError 404 for an unknown play or vault, 400 naming the field.
 */
export function startPlay(context: Context, { clock }: Timekeeper, name: string, input: unknown): Run {
  const play = PLAYS.find((one) => one.name === name);
  if (!play) throw new AzureError(404, "NoSuchPlay", `There is no such play. There are: ${namesOf(PLAYS)}.`);
  const parsed = play.parameters.extend(Common).safeParse(input);
  if (!parsed.success) throw new AzureError(400, "BadRequest", issueOf(parsed.error));
  const { vault: vaultName, spread, ...parameters } = CommonValues.parse(parsed.data);
  const vault = vaultNamed(context, vaultName);
  const usual = clock.mode === "virtual" ? undefined : 0;
  return playsOf(context).start(
    play,
    vault,
    parameters,
    spread === undefined ? usual : spread === "own" ? undefined : spread,
  );
}

/** The run of that id. @throws AzureError 404. */
export function requireRun(context: Context, id: string): Run {
  const run = playsOf(context).get(id);
  if (!run)
    throw new AzureError(404, "NoSuchRun", "There is no such run. What ran before the last start is forgotten.");
  return run;
}

function namesOf(plays: readonly Play[]): string {
  return plays.map(({ name }) => name).join(", ");
}

function vaultNamed(context: Context, name: string): Vault {
  for (const vault of context.model.vaults.values()) if (vault.name.toLowerCase() === name.toLowerCase()) return vault;
  throw new AzureError(404, "NoSuchVault", `There is no vault ${name.slice(0, 60)}.`);
}

/** One sentence that names the field. */
function issueOf({ issues }: z.ZodError): string {
  const issue = issues[0];
  return `${issue?.path.join(".") || "body"}: ${issue?.message ?? "invalid"}.`;
}

function summaryOf({ steps, ...run }: Run) {
  return {
    ...run,
    startedAt: new Date(run.startedAt).toISOString(),
    ...(run.endedAt !== undefined && { endedAt: new Date(run.endedAt).toISOString() }),
    steps: steps.length,
    rows: steps.reduce((sum, { rows }) => sum + rows.length, 0),
  };
}

function reportOf(context: Context, run: Run) {
  const now = context.now();
  return {
    ...summaryOf(run),
    steps: run.steps.map((step) => ({
      ...step,
      at: new Date(step.at).toISOString(),
      rows: step.rows.map(({ timeGenerated, ingestedAt, ...row }) => ({
        ...row,
        timeGenerated: new Date(timeGenerated).toISOString(),
        ingestedAt: new Date(ingestedAt).toISOString(),
        pending: ingestedAt > now,
      })),
    })),
  };
}
