import { z } from "zod";
import { hasAnyAccess, scopesWith } from "../access";
import { recordActivity } from "../arm/activity";
import { authorizationFailed, badRequest } from "../arm/errors";
import { inheritedBy } from "../arm/filter";
import { created, iso, noContent, ok, page, parameter, readBody } from "../arm/respond";
import { authorize } from "../arm/scope";
import type { Call } from "../context";
import { AzureError, type Router, type SimResponse } from "../http";
import type { Assessment } from "./assessment";
import { customerMetadata } from "./customer-assessments";
import type { CustomAssessment } from "./documents";
import { assessmentsAt } from "./evaluate";
import { metadataProperties } from "./metadata";
import { requireSecurityScope } from "./scope";

const ALL = "/{scope*}/providers/Microsoft.Security/assessments";
const READ = "Microsoft.Security/assessments/read";
const WRITE = "Microsoft.Security/assessments/write";
const DELETE = "Microsoft.Security/assessments/delete";
const PAGE_SIZE = 500;

/** From this version on a status tells since when it is so. */
const WITH_DATES = "2021-06-01";

const Body = z.object({
  properties: z.object({
    resourceDetails: z.looseObject({ source: z.enum(["Azure", "OnPremise", "OnPremiseSql"]) }),
    status: z.object({
      code: z.enum(["Healthy", "Unhealthy", "NotApplicable"]),
      cause: z.string().max(512).nullish(),
      description: z.string().max(4096).nullish(),
    }),
    additionalData: z.record(z.string().max(256), z.string().max(4096)).nullish(),
  }),
});

/** Assessments: list at any scope, get (with `$expand`), and put and delete of those that customers write themselves. */
export function routeAssessments(router: Router<Call>): void {
  router.on("GET", ALL, (call, params) => {
    const scope = params.scope ?? "";
    if (!hasAnyAccess(call, call.caller, scope)) throw authorizationFailed(call, READ, scope);
    const readable = inheritedBy(scopesWith(call, call.caller, READ));
    const found = assessmentsAt(call, requireSecurityScope(call, scope)).filter(({ resourceId }) =>
      readable(resourceId),
    );
    const { value, ...rest } = page(call, found, assessmentId, PAGE_SIZE);
    return ok({ value: value.map((assessment) => body(call, assessment, new Set())), ...rest });
  });

  router.on("GET", `${ALL}/{n}`, (call, params) => {
    authorize(call, READ, params.scope ?? "");
    return ok(body(call, requireAssessment(call, params), readExpand(call)));
  });

  router.on("PUT", `${ALL}/{n}`, put);

  router.on("DELETE", `${ALL}/{n}`, (call, params) => {
    authorize(call, DELETE, params.scope ?? "");
    const resourceId = requireSecurityScope(call, params.scope ?? "");
    if (!call.model.customAssessments.delete(`${resourceId}/${params.n}`)) return noContent();
    recordActivity(call, { action: DELETE, scope: idOf(resourceId, params.n ?? ""), status: 200 });
    return { status: 200 };
  });
}

/** The assessment of that name on the resource itself, or 404. */
export function requireAssessment(call: Call, params: Record<string, string>): Assessment {
  const resourceId = requireSecurityScope(call, params.scope ?? "");
  const found = assessmentsAt(call, resourceId).find(
    (assessment) =>
      assessment.resourceId.toLowerCase() === resourceId.toLowerCase() &&
      assessment.name.toLowerCase() === (params.n ?? params.a ?? "").toLowerCase(),
  );
  if (!found) throw new AzureError(404, "NotFound", `The assessment '${params.n ?? params.a}' was not found.`);
  return found;
}

function readExpand(call: Call): ReadonlySet<string> {
  const names = (parameter(call, "$expand") ?? "").toLowerCase().split(",").filter(Boolean);
  const unknown = names.find((name) => name !== "links" && name !== "metadata");
  if (unknown !== undefined) throw badRequest(`The expand '${unknown}' is not supported.`, "InvalidExpand");
  return new Set(names);
}

/** A customer writes assessments of its own metadata only; the platform's own are nobody's to change. */
function put(call: Call, params: Record<string, string>): SimResponse {
  const name = params.n ?? "";
  authorize(call, WRITE, params.scope ?? "");
  const { properties } = readBody(call, Body, "InvalidRequestContent");
  const resourceId = requireSecurityScope(call, params.scope ?? "");
  const metadata = customerMetadata(call, resourceId.split("/")[2] ?? "").find(
    (one) => one.name.toLowerCase() === name.toLowerCase(),
  );
  if (!metadata) {
    throw badRequest(`There is no customer-managed assessment metadata '${name}'.`, "AssessmentMetadataNotFound");
  }
  const present = call.model.customAssessments.get(`${resourceId}/${name}`);
  const { code, cause, description } = properties.status;
  const document: CustomAssessment = {
    resourceId,
    name: metadata.name,
    status: { code, ...(cause ? { cause } : {}), ...(description ? { description } : {}) },
    ...(properties.additionalData ? { additionalData: properties.additionalData } : {}),
    createdAt: present?.createdAt ?? call.now(),
    changedAt: present?.status.code === code ? present.changedAt : call.now(),
  };
  call.model.customAssessments.put(`${resourceId}/${name}`, document);
  recordActivity(call, { action: WRITE, scope: idOf(resourceId, metadata.name), status: present ? 200 : 201 });
  const answer = body(call, requireAssessment(call, params), new Set());
  return present ? ok(answer) : created(answer);
}

function idOf(resourceId: string, name: string): string {
  return `${resourceId}/providers/Microsoft.Security/assessments/${name}`;
}

/** ARM id of an assessment. */
export function assessmentId({ resourceId, name }: Assessment): string {
  return idOf(resourceId, name);
}

/** Where the portal shows the recommendation. */
export function portalLink({ name, resourceId }: Assessment): string {
  return `https://portal.azure.com/#blade/Microsoft_Azure_Security/RecommendationsBlade/assessmentKey/${name}/resourceId/${encodeURIComponent(resourceId)}`;
}

function body(call: Call, assessment: Assessment, expand: ReadonlySet<string>) {
  const { code, cause, description, firstEvaluatedAt, changedAt } = assessment;
  const dated = (parameter(call, "api-version") ?? "") >= WITH_DATES;
  return {
    id: assessmentId(assessment),
    name: assessment.name,
    type: "Microsoft.Security/assessments",
    properties: {
      resourceDetails: { source: "Azure", id: assessment.resourceId },
      displayName: assessment.metadata.displayName,
      status: {
        code,
        ...(cause === undefined ? {} : { cause }),
        ...(description === undefined ? {} : { description }),
        ...(dated ? { firstEvaluationDate: iso(firstEvaluatedAt), statusChangeDate: iso(changedAt) } : {}),
      },
      ...(assessment.additionalData === undefined ? {} : { additionalData: assessment.additionalData }),
      ...(expand.has("links") ? { links: { azurePortalUri: portalLink(assessment) } } : {}),
      ...(expand.has("metadata") ? { metadata: metadataProperties(assessment.metadata) } : {}),
    },
  };
}
