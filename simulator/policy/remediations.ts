import { z } from "zod";
import { recordActivity } from "../arm/activity";
import { badRequest } from "../arm/errors";
import { created, iso, noContent, ok, page, readTop } from "../arm/respond";
import { authorize, requireScope } from "../arm/scope";
import type { Call } from "../context";
import { derivedGuid } from "../derived-id";
import { AzureError, type Router, type SimResponse } from "../http";
import { checkName, readPolicyBody } from "./body-rules";
import type { PolicyAssignment, Remediation, RemediationDeployment } from "./documents";
import { holdsAt, policyFilter } from "./lists";
import { advanceRemediations, deploymentsOf, deploymentTime, isOver } from "./remediation-run";
import { unitsOfAssignment } from "./units";

const TYPE = "providers/Microsoft.PolicyInsights/remediations";
const ACTION = "Microsoft.PolicyInsights/remediations";
/** Source of the figures: "Azure Policy remediation task structure", Microsoft Learn. */
const COUNT_DEFAULT = 500;
const COUNT_MAX = 50_000;
const PARALLEL_DEFAULT = 10;
const PARALLEL_MAX = 30;
const AT_ONCE_MAX = 100;
const KEPT_FOR = 60 * 86_400_000;

const Body = z.object({
  properties: z.object({
    policyAssignmentId: z.string().min(1).max(1024),
    policyDefinitionReferenceId: z.string().max(260).nullish(),
    resourceDiscoveryMode: z.enum(["ExistingNonCompliant", "ReEvaluateCompliance"]).nullish(),
    filters: z
      .object({
        locations: z.array(z.string().max(128)).max(100).nullish(),
        resourceIds: z.array(z.string().max(2048)).max(1000).nullish(),
      })
      .nullish(),
    resourceCount: z.int().min(1).max(COUNT_MAX).nullish(),
    parallelDeployments: z.int().min(1).max(PARALLEL_MAX).nullish(),
    failureThreshold: z.object({ percentage: z.number().min(0).max(1) }).nullish(),
  }),
});

type Input = z.infer<typeof Body>["properties"];

/** Remediation tasks at any scope: list, get, put, cancel, delete, and the deployments of one. */
export function routeRemediations(router: Router<Call>): void {
  router.on("GET", `/{scope*}/${TYPE}`, (call, params) => {
    authorize(call, `${ACTION}/read`, params.scope ?? "");
    return list(call, requireScope(call, params.scope ?? "").id);
  });

  router.on("GET", `/{scope*}/${TYPE}/{n}`, (call, params) => {
    authorize(call, `${ACTION}/read`, params.scope ?? "");
    return ok(body(call, existing(call, params)));
  });

  router.on("PUT", `/{scope*}/${TYPE}/{n}`, put);

  router.on("POST", `/{scope*}/${TYPE}/{n}/cancel`, (call, params) => {
    authorize(call, `${ACTION}/cancel/action`, params.scope ?? "");
    const found = existing(call, params);
    if (isOver(found)) {
      throw badRequest(
        `The remediation '${found.name}' cannot be cancelled: it is in the state '${found.state}'.`,
        "InvalidCancelRemediationRequest",
      );
    }
    const changed: Remediation = { ...found, state: "Cancelling", updatedAt: call.now() };
    call.model.remediations.put(found.id, changed);
    recordActivity(call, { action: `${ACTION}/cancel/action`, scope: found.id, status: 200 });
    return ok(body(call, changed));
  });

  router.on("POST", `/{scope*}/${TYPE}/{n}/listDeployments`, (call, params) => {
    authorize(call, `${ACTION}/listDeployments/read`, params.scope ?? "");
    const found = existing(call, params);
    const { value, ...rest } = page(call, deployments(call, found), ({ place }) => place, readTop(call, 100, 1000));
    return ok({ value: value.map(({ place: _, ...deployment }) => deployment), ...rest });
  });

  router.on("DELETE", `/{scope*}/${TYPE}/{n}`, (call, params) => {
    authorize(call, `${ACTION}/delete`, params.scope ?? "");
    requireScope(call, params.scope ?? "");
    const found = call.model.remediations.get(idOf(params));
    if (!found) return noContent();
    if (!isOver(found)) {
      throw badRequest(
        `The remediation '${found.name}' is still running; cancel it before it is deleted.`,
        "InvalidDeleteRemediationRequest",
      );
    }
    const last = body(call, found);
    forget(call, found);
    recordActivity(call, { action: `${ACTION}/delete`, scope: found.id, status: 200 });
    return ok(last);
  });
}

function idOf(params: Record<string, string>): string {
  return `${params.scope}/${TYPE}/${params.n}`;
}

function existing(call: Call, params: Record<string, string>): Remediation {
  requireScope(call, params.scope ?? "");
  const found = call.model.remediations.get(idOf(params));
  if (!found) throw new AzureError(404, "RemediationNotFound", `The remediation '${params.n}' could not be found.`);
  return found;
}

function forget({ model }: Call, { id }: Remediation): void {
  for (const [key, { remediationId }] of [...model.remediationDeployments.entries()]) {
    if (remediationId.toLowerCase() === id.toLowerCase()) model.remediationDeployments.delete(key);
  }
  model.remediations.delete(id);
}

function list(call: Call, scope: string): SimResponse {
  const filter = policyFilter(call, [], ["policyassignmentid", "policydefinitionreferenceid"]);
  const assignment = filter.equals.get("policyassignmentid")?.toLowerCase();
  const reference = filter.equals.get("policydefinitionreferenceid")?.toLowerCase();
  const found = [...call.model.remediations.values()].filter(
    (task) =>
      holdsAt(call, scope, task.scope) &&
      (assignment === undefined || task.policyAssignmentId.toLowerCase() === assignment) &&
      (reference === undefined || task.referenceId?.toLowerCase() === reference),
  );
  const { value, ...rest } = page(call, found, ({ id }) => id, readTop(call, 100, 1000));
  return ok({ value: value.map((task) => body(call, task)), ...rest });
}

function put(call: Call, params: Record<string, string>): SimResponse {
  authorize(call, `${ACTION}/write`, params.scope ?? "");
  const { id: scope } = requireScope(call, params.scope ?? "");
  const name = params.n ?? "";
  checkName(name, 260, "remediation");
  const { properties } = readPolicyBody(call, Body);
  const { assignment, referenceId } = target(call, name, scope, properties);
  tidy(call);
  const id = `${scope}/${TYPE}/${name}`;
  const present = call.model.remediations.get(id);
  if (present && !isOver(present)) {
    throw badRequest(
      `The remediation '${name}' is still running and cannot be changed.`,
      "InvalidUpdateRemediationRequest",
    );
  }
  const running = [...call.model.remediations.values()].filter((task) => !isOver(task));
  if (running.length >= AT_ONCE_MAX) {
    throw badRequest(
      `The tenant has ${running.length} remediations under way; the limit is ${AT_ONCE_MAX}.`,
      "TooManyActiveRemediations",
    );
  }
  if (present) forget(call, present);
  const task = newTask(call, { id, name, scope }, properties, assignment, referenceId);
  call.model.remediations.put(id, task);
  recordActivity(call, { action: `${ACTION}/write`, scope: id, status: present ? 200 : 201 });
  advanceRemediations(call);
  const stored = body(call, call.model.remediations.get(id) ?? task);
  return present ? ok(stored) : created(stored);
}

function newTask(
  call: Call,
  place: { id: string; name: string; scope: string },
  input: Input,
  { id: policyAssignmentId }: PolicyAssignment,
  referenceId: string | undefined,
): Remediation {
  const { filters, resourceCount, parallelDeployments, failureThreshold } = input;
  const now = call.now();
  const discovery = input.resourceDiscoveryMode ?? "ExistingNonCompliant";
  return {
    ...place,
    policyAssignmentId,
    ...(referenceId === undefined ? {} : { referenceId }),
    discovery,
    ...(filters?.locations && filters.locations.length > 0 ? { locations: filters.locations } : {}),
    ...(filters?.resourceIds && filters.resourceIds.length > 0 ? { resourceIds: filters.resourceIds } : {}),
    resourceCount: resourceCount ?? COUNT_DEFAULT,
    parallelDeployments: parallelDeployments ?? PARALLEL_DEFAULT,
    failureThreshold: failureThreshold?.percentage ?? 1,
    createdAt: now,
    createdBy: call.caller.oid,
    updatedAt: now,
    correlationId: derivedGuid(call, `remediation ${place.id}`),
    state: discovery === "ReEvaluateCompliance" ? "Evaluating" : "Accepted",
    // Looking at everything again takes as long as a scan; what the last one found is at hand at once.
    startsAt: now + (discovery === "ReEvaluateCompliance" ? call.settings.delays.policy : deploymentTime(call)),
  };
}

/** The assignment to put right, and the member of its initiative. Throws 400 for what remediation cannot do. */
function target(
  call: Call,
  name: string,
  scope: string,
  input: Input,
): { assignment: PolicyAssignment; referenceId?: string } {
  const refuse = (why: string) =>
    badRequest(`The request to create remediation '${name}' is invalid. ${why}`, "InvalidCreateRemediationRequest");
  const assignment = call.model.policyAssignments.get(input.policyAssignmentId);
  if (!assignment) throw refuse(`The policy assignment '${input.policyAssignmentId}' could not be found.`);
  if (!holdsAt(call, assignment.scope, scope)) {
    throw refuse(`The scope '${scope}' is not at or below the scope of the policy assignment '${assignment.id}'.`);
  }
  if (input.filters?.resourceIds && input.resourceDiscoveryMode === "ReEvaluateCompliance") {
    throw refuse("Resource ids cannot be given when compliance is evaluated again.");
  }
  const wanted = input.policyDefinitionReferenceId?.toLowerCase();
  const units = unitsOfAssignment(call, assignment);
  const initiative = units.some(({ set }) => set !== undefined);
  if (initiative && !wanted)
    throw refuse("A policy definition reference id is required when an initiative is remediated.");
  const unit = initiative ? units.find(({ member }) => member?.referenceId.toLowerCase() === wanted) : units[0];
  if (!unit) throw refuse(`The policy definition reference id '${input.policyDefinitionReferenceId}' is not known.`);
  if (unit.effect === "deployifnotexists") {
    throw refuse("The simulated tenant does not carry out deployments of the effect 'deployIfNotExists'.");
  }
  if (unit.effect !== "modify") {
    throw refuse(
      `The policy definition '${unit.definition.id}' has the effect '${unit.effect}', which cannot be remediated.`,
    );
  }
  return { assignment, ...(unit.member ? { referenceId: unit.member.referenceId } : {}) };
}

/** A task is deleted 60 days after its last change. */
function tidy(call: Call): void {
  for (const task of [...call.model.remediations.values()]) {
    if (isOver(task) && task.updatedAt + KEPT_FOR < call.now()) forget(call, task);
  }
}

function body(call: Call, task: Remediation) {
  const done = deploymentsOf(call, task.id);
  const failed = done.filter(({ error }) => error !== undefined).length;
  const { locations, resourceIds } = task;
  const message = done.find(({ error }) => error !== undefined)?.error?.message;
  return {
    properties: {
      policyAssignmentId: task.policyAssignmentId,
      ...(task.referenceId === undefined ? {} : { policyDefinitionReferenceId: task.referenceId }),
      provisioningState: task.state,
      createdOn: iso(task.createdAt),
      lastUpdatedOn: iso(task.updatedAt),
      resourceDiscoveryMode: task.discovery,
      ...(locations || resourceIds
        ? { filters: { ...(locations && { locations }), ...(resourceIds && { resourceIds }) } }
        : {}),
      deploymentStatus: {
        totalDeployments: task.targets?.length ?? 0,
        successfulDeployments: done.length - failed,
        failedDeployments: failed,
      },
      ...(message === undefined ? {} : { statusMessage: message }),
      correlationId: task.correlationId,
      resourceCount: task.resourceCount,
      parallelDeployments: task.parallelDeployments,
      failureThreshold: { percentage: task.failureThreshold },
    },
    id: task.id,
    name: task.name,
    type: "Microsoft.PolicyInsights/remediations",
    systemData: {
      createdBy: task.createdBy,
      createdByType: "User",
      createdAt: iso(task.createdAt),
      lastModifiedBy: task.createdBy,
      lastModifiedByType: "User",
      lastModifiedAt: iso(task.updatedAt),
    },
  };
}

/** Every chosen resource with how far it is. A change by modify is no deployment of its own, so it has no deployment id. */
function deployments(call: Call, task: Remediation) {
  const done = deploymentsOf(call, task.id);
  return (task.targets ?? []).map(({ id, location }, index) => {
    const deployment: RemediationDeployment | undefined = done[index];
    const waiting =
      isOver(task) || task.state === "Cancelling"
        ? "Canceled"
        : index < done.length + task.parallelDeployments
          ? "Running"
          : "Accepted";
    return {
      place: String(index).padStart(6, "0"),
      remediatedResourceId: id,
      status: deployment ? (deployment.error ? "Failed" : "Succeeded") : waiting,
      resourceLocation: location,
      ...(deployment?.error && { error: deployment.error }),
      createdOn: iso(deployment?.createdAt ?? task.startsAt),
      lastUpdatedOn: iso(deployment?.endedAt ?? task.updatedAt),
    };
  });
}
