import { z } from "zod";
import { recordActivity } from "../arm/activity";
import { badRequest } from "../arm/errors";
import { ok, page, readBody } from "../arm/respond";
import { authorize, isGuid } from "../arm/scope";
import type { Call } from "../context";
import { AzureError, type Router } from "../http";
import { CustomerMetadata, customerMetadata } from "./customer-assessments";
import { type AssessmentMetadata, BUILT_IN, metadataProperties } from "./metadata";
import { policyMetadata } from "./policy-assessments";

const TENANT = "/providers/Microsoft.Security/assessmentMetadata";
const SUBSCRIPTION = `/subscriptions/{s}${TENANT}`;
const READ = "Microsoft.Security/assessmentMetadata/read";
const WRITE = "Microsoft.Security/assessmentMetadata/write";
const DELETE = "Microsoft.Security/assessmentMetadata/delete";

const Body = z.object({ properties: CustomerMetadata });

/** What assessments are about: lists and gets of the tenant and of a subscription; put and delete of a customer's own. */
export function routeAssessmentMetadata(router: Router<Call>): void {
  // The built-in ones are no secret: everybody who has signed in may read them.
  router.on("GET", TENANT, (call) =>
    ok(
      page(
        call,
        BUILT_IN.map((one) => body("", one)),
        ({ id }) => id,
        500,
      ),
    ),
  );
  router.on("GET", `${TENANT}/{n}`, (_call, params) => ok(body("", requireOne([...BUILT_IN], params.n ?? ""))));

  router.on("GET", SUBSCRIPTION, (call, params) => {
    const scope = `/subscriptions/${params.s}`;
    authorize(call, READ, scope);
    return ok(
      page(
        call,
        ofSubscription(call, params).map((one) => body(scope, one)),
        ({ id }) => id,
        500,
      ),
    );
  });

  router.on("GET", `${SUBSCRIPTION}/{n}`, (call, params) => {
    const scope = `/subscriptions/${params.s}`;
    authorize(call, READ, scope);
    return ok(body(scope, requireOne(ofSubscription(call, params), params.n ?? "")));
  });

  router.on("PUT", `${SUBSCRIPTION}/{n}`, (call, params) => {
    const scope = `/subscriptions/${params.s}`;
    const name = (params.n ?? "").toLowerCase();
    authorize(call, WRITE, scope);
    const { properties } = readBody(call, Body, "InvalidRequestContent");
    if (!isGuid(name)) throw badRequest(`The name '${params.n}' is not a GUID.`, "InvalidAssessmentMetadataName");
    if (BUILT_IN.some((one) => one.name === name)) {
      throw badRequest("Built-in assessment metadata cannot be changed.", "AssessmentMetadataNotCustomerManaged");
    }
    const subscriptionId = params.s?.toLowerCase() ?? "";
    call.model.customMetadata.put(`${subscriptionId}/${name}`, { subscriptionId, name, properties });
    recordActivity(call, { action: WRITE, scope: `${scope}${TENANT}/${name}`, status: 200 });
    return ok(body(scope, requireOne(ofSubscription(call, params), name)));
  });

  router.on("DELETE", `${SUBSCRIPTION}/{n}`, (call, params) => {
    const scope = `/subscriptions/${params.s}`;
    authorize(call, DELETE, scope);
    if (call.model.customMetadata.delete(`${params.s}/${params.n}`)) {
      recordActivity(call, { action: DELETE, scope: `${scope}${TENANT}/${params.n}`, status: 200 });
    }
    return { status: 200 };
  });
}

function ofSubscription(call: Call, params: Record<string, string>): AssessmentMetadata[] {
  return [...BUILT_IN, ...policyMetadata(call), ...customerMetadata(call, params.s ?? "")];
}

function requireOne(list: readonly AssessmentMetadata[], name: string): AssessmentMetadata {
  const found = list.find((one) => one.name.toLowerCase() === name.toLowerCase());
  if (!found) throw new AzureError(404, "NotFound", `The assessment metadata '${name}' was not found.`);
  return found;
}

function body(scope: string, metadata: AssessmentMetadata) {
  return {
    id: `${scope}${TENANT}/${metadata.name}`,
    name: metadata.name,
    type: "Microsoft.Security/assessmentMetadata",
    properties: metadataProperties(metadata),
  };
}
