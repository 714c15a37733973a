import type { Call, Caller } from "../context";
import { AzureError } from "../http";

function clientText(caller: Caller): string {
  return `The client '${caller.upn ?? caller.appId}' with object id '${caller.oid}'`;
}

const REFRESH = "If access was recently granted, please refresh your credentials.";

/** 403: no role of the caller gives the action at that scope. Says the same whether or not the scope exists. */
export function authorizationFailed(call: Call, action: string, scope: string): AzureError {
  return new AzureError(
    403,
    "AuthorizationFailed",
    `${clientText(call.caller)} does not have authorization to perform action '${action}' over scope '${scope}' or the scope is invalid. ${REFRESH}`,
  );
}

/** 403: the action is there, but the condition on the assignment does not allow this role or principal. */
export function conditionNotFulfilled(call: Call, action: string, scope: string): AzureError {
  return new AzureError(
    403,
    "AuthorizationFailed",
    `${clientText(call.caller)} has an authorization with ABAC condition that is not fulfilled to perform action '${action}' over scope '${scope}' or the scope is invalid. ${REFRESH}`,
  );
}

/** 403: allowed here, but not on the other resource that the body points to. */
export function linkedAuthorizationFailed(
  call: Call,
  action: string,
  scope: string,
  linkedAction: string,
  linkedScope: string,
): AzureError {
  return new AzureError(
    403,
    "LinkedAuthorizationFailed",
    `${clientText(call.caller)} has permission to perform action '${action}' on scope '${scope}'; however, it does not have permission to perform action(s) '${linkedAction}' on the linked scope(s) '${linkedScope}' (respectively) or the linked scope(s) are invalid.`,
  );
}

export function subscriptionNotFound(id: string): AzureError {
  return new AzureError(404, "SubscriptionNotFound", `The subscription '${id}' could not be found.`);
}

export function resourceGroupNotFound(name: string): AzureError {
  return new AzureError(404, "ResourceGroupNotFound", `Resource group '${name}' could not be found.`);
}

/** `typeAndName` reads `Microsoft.KeyVault/vaults/kv-one`. */
export function resourceNotFound(typeAndName: string, resourceGroup: string): AzureError {
  return new AzureError(
    404,
    "ResourceNotFound",
    `The Resource '${typeAndName}' under resource group '${resourceGroup}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`,
  );
}

export function badRequest(message: string, code = "BadRequest"): AzureError {
  return new AzureError(400, code, message);
}

export function conflict(message: string, code = "Conflict"): AzureError {
  return new AzureError(409, code, message);
}
