import { mayControl, normaliseScope } from "../access";
import { recordActivity } from "../arm/activity";
import { auditVaultCall } from "../arm/vault-audit";
import type { Call, Context } from "../context";
import { AzureError } from "../http";
import { changeDocument } from "../resourcegraph/lag";
import { type Changeable, changesOf, withChange } from "./changes";
import type { Remediation, RemediationDeployment } from "./documents";
import { applyModify } from "./enforce";
import { type PolicyFinding, scopeOf } from "./judge";
import { TemplateError } from "./language/errors";
import { groupTarget, vaultTarget } from "./resources";
import { latestStates, noteScans, presentStates, workOff } from "./states";
import { scopeTest, type Unit, unitsOf } from "./units";

/*
 * Remediations go on with the tenant's time: which deployments are over is a function of when the task began, and they
 * are carried out, in order and with their own times, when something looks or the clock's work comes to them. A task
 * chooses its resources when its evaluation is over; then `parallelDeployments` at a time take a fifteenth of
 * `delays.policy` each (a minute of 15).
 */

const OVER = ["Canceled", "Succeeded", "Failed"];

export function isOver({ state }: Remediation): boolean {
  return OVER.includes(state);
}

/** How long one deployment takes, milliseconds. */
export function deploymentTime(context: Context): number {
  return Math.ceil(context.settings.delays.policy / 15);
}

const remediationOf = ({ remediationId }: RemediationDeployment) => remediationId.toLowerCase();

/** The deployments of a task that were carried out, in order. */
export function deploymentsOf(context: Context, id: string): readonly RemediationDeployment[] {
  return context.model.remediationDeployments.groupedBy(remediationOf).get(id.toLowerCase()) ?? [];
}

/** The unit that a task puts right, or undefined when its assignment is gone or changed. */
function unitOfRemediation(
  context: Context,
  task: Pick<Remediation, "policyAssignmentId" | "referenceId">,
): Unit | undefined {
  const key = `${task.policyAssignmentId}|${task.referenceId ?? ""}`.toLowerCase();
  return unitsOf(context).find((unit) => unit.key === key);
}

/** When the next step of a task falls due, milliseconds since 1970; undefined when all are over. */
export function nextDeployment(context: Context): number | undefined {
  const times = [...context.model.remediations.values()]
    .filter((task) => !isOver(task))
    .map((task) => stepDue(context, task));
  return times.length > 0 ? Math.min(...times) : undefined;
}

function stepDue(context: Context, task: Remediation): number {
  if (!task.targets) return task.startsAt;
  const done = deploymentsOf(context, task.id).length;
  return task.startsAt + (Math.floor(done / task.parallelDeployments) + 1) * deploymentTime(context);
}

/** Carries out every step that is due. */
export function advanceRemediations(context: Context): void {
  for (const { id } of [...context.model.remediations.values()].filter((task) => !isOver(task))) {
    let task = context.model.remediations.get(id);
    while (task && !isOver(task)) {
      const due = stepDue(context, task);
      if (due > context.now()) break;
      step({ ...context, now: () => due }, task);
      task = context.model.remediations.get(id);
    }
  }
}

function step(context: Context, task: Remediation): void {
  if (!task.targets) {
    choose(context, task);
    return;
  }
  const done = deploymentsOf(context, task.id).length;
  const batch = task.targets.slice(done, done + task.parallelDeployments);
  if (batch.length > 0 && task.state !== "Cancelling") {
    // What the scans that are due see is the estate before this change, and the change is known at its own time.
    noteScans(context);
    workOff(context);
    for (const [place, target] of batch.entries()) deploy(context, task, done + place, target);
    noteScans(context);
  }
  finish(context, task);
}

function put(context: Context, task: Remediation, changes: Partial<Remediation>): void {
  context.model.remediations.put(task.id, { ...task, ...changes, updatedAt: context.now() });
}

/** Chooses what to put right: what is not compliant as far as the last scan knows, or looked at now when asked for. */
function choose(context: Context, task: Remediation): void {
  if (task.state === "Cancelling") {
    put(context, task, { state: "Canceled" });
    return;
  }
  const unit = unitOfRemediation(context, task);
  const found = unit
    ? task.discovery === "ReEvaluateCompliance"
      ? presentStates(context, unit)
      : latestStates(context)
    : [];
  const inside = scopeTest(context, task.scope);
  const locations = task.locations?.map((location) => location.replaceAll(" ", "").toLowerCase());
  const ids = task.resourceIds?.map(normaliseScope);
  const wanted = ({ unit: { key }, state, target }: PolicyFinding) =>
    key === unit?.key &&
    state === "NonCompliant" &&
    inside(target) &&
    (!locations || locations.includes((target.location ?? "").toLowerCase())) &&
    (!ids || ids.includes(target.key));
  const targets = found
    .filter(wanted)
    .slice(0, task.resourceCount)
    .map(({ target }) => ({ id: target.id, location: target.location ?? "" }));
  put(context, task, { targets, state: targets.length > 0 ? "InProgress" : "Succeeded" });
}

function finish(context: Context, task: Remediation): void {
  const total = task.targets?.length ?? 0;
  const deployments = deploymentsOf(context, task.id);
  const failed = deployments.filter(({ error }) => error !== undefined).length;
  put(context, task, { state: stateAfter(task, total, deployments.length, failed) });
}

/** Above the threshold nothing more is started; a task all of whose deployments failed has failed whatever the threshold. */
function stateAfter(task: Remediation, total: number, done: number, failed: number): Remediation["state"] {
  if (task.state === "Cancelling") return "Canceled";
  if (failed / total > task.failureThreshold) return "Failed";
  if (done < total) return task.state;
  return failed === total ? "Failed" : "Succeeded";
}

function deploy(context: Context, task: Remediation, place: number, target: { id: string; location: string }): void {
  const error = attempt(context, task, target.id);
  context.model.remediationDeployments.put(`${task.id}/${String(place).padStart(6, "0")}`, {
    remediationId: task.id,
    resourceId: target.id,
    location: target.location,
    createdAt: context.now() - deploymentTime(context),
    endedAt: context.now(),
    ...(error && { error }),
  });
}

/** Puts one resource right with the rights of the assignment's identity; answers why it could not. */
function attempt(context: Context, task: Remediation, id: string): RemediationDeployment["error"] {
  const unit = unitOfRemediation(context, task);
  const document = context.model.vaults.get(id) ?? context.model.resourceGroups.get(id);
  if (!unit || !document) return { code: "ResourceNotFound", message: `The resource '${id}' was not found.` };
  const call = callOf(context, task, unit, id);
  const action = actionOf(unit, document, call);
  if (action === undefined) {
    const needed = writeActionOf(document);
    return {
      code: "AuthorizationFailed",
      message: `The client '${call.caller.appId}' with object id '${call.caller.oid}' does not have authorization to perform action '${needed}' over scope '${id}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
    };
  }
  try {
    const outcome = putRight(call, unit, document);
    if ("refused" in outcome) return { code: "RequestDisallowedByPolicy", message: outcome.refused };
    store(call, outcome.document, action);
  } catch (error) {
    if (error instanceof AzureError) return { code: error.code, message: error.message };
    if (error instanceof TemplateError) return { code: "InvalidTemplate", message: error.message };
    throw error;
  }
  return undefined;
}

function putRight<T extends Changeable>(call: Call, unit: Unit, document: T): { document: T } | { refused: string } {
  const target = "accessPolicies" in document ? vaultTarget(call, document) : groupTarget(call, document);
  let changed = document;
  for (const change of changesOf(unit.rule.details.operations, scopeOf(unit, target, call.now()))) {
    const outcome = withChange(changed, change);
    if ("refused" in outcome) return outcome;
    changed = outcome.document;
  }
  return { document: applyModify(call, changed) };
}

const TAGS = "Microsoft.Resources/tags/write";

function writeActionOf(document: Changeable): string {
  return "accessPolicies" in document
    ? "Microsoft.KeyVault/vaults/write"
    : "Microsoft.Resources/subscriptions/resourceGroups/write";
}

/** The right that lets the identity do it: writing the resource, or its tags when nothing but tags is touched. */
function actionOf(unit: Unit, document: Changeable, call: Call): string | undefined {
  const target = "accessPolicies" in document ? vaultTarget(call, document) : groupTarget(call, document);
  const fields = unit.rule.details.operations.map(({ field }) => String(field(scopeOf(unit, target, call.now()))));
  const actions = [...(fields.every((field) => /^tags/i.test(field)) ? [TAGS] : []), writeActionOf(document)];
  return actions.find((action) => mayControl(call, call.caller, action, document.id));
}

function store(call: Call, document: Changeable, action: string): void {
  if ("accessPolicies" in document) {
    changeDocument(call, "vaults", document.id, document);
    auditVaultCall(call, document, "VaultPatch", 200);
  } else changeDocument(call, "resourceGroups", document.id, document);
  recordActivity(call, { action, scope: document.id, status: 200 });
}

/** The call that the policy service makes in the name of the assignment's identity. */
function callOf(context: Context, task: Remediation, unit: Unit, path: string): Call {
  const oid = unit.assignment.identity?.principalId ?? "";
  const principal = context.model.principals.get(oid);
  return {
    ...context,
    caller: {
      oid,
      appId: principal?.appId ?? oid,
      kind: "ServicePrincipal",
      name: principal?.name ?? unit.assignment.name,
    },
    request: {
      method: "PATCH",
      host: "management.azure.com",
      path,
      query: new URLSearchParams({ "api-version": "2023-07-01" }),
      headers: { "x-ms-correlation-request-id": task.correlationId, "user-agent": "AzurePolicyRemediation" },
      text: "",
      json: () => undefined,
      callerAddress: "203.0.113.61",
    },
  };
}
