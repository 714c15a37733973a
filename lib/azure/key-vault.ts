import "server-only";
import { createHttpHeaders, createPipelineRequest, RestError } from "@azure/core-rest-pipeline";
import { KeyClient } from "@azure/keyvault-keys";
import { SecretClient, type SecretClientOptions } from "@azure/keyvault-secrets";
import { z } from "zod";
import type { AzureAccess } from "@/lib/context";
import { azureErrorOf } from "./azure-error";
import { drain, keepPerAccess } from "./clients";
import { innerCodeKept } from "./inner-code";
import { NETWORK_CODES, toAppError } from "./parse-error";

/** One secret or key as a collection list shows it; never a value. */
export interface ListedObject {
  name: string;
  enabled: boolean;
  created: Date | undefined;
  updated: Date | undefined;
  expires: Date | undefined;
  contentType: string | undefined;
  tags: Record<string, string>;
  /** A certificate owns it. */
  managed: boolean;
}

export interface ListedDeletedObject {
  name: string;
  deleted: Date | undefined;
  purgeAt: Date | undefined;
}

export interface Written {
  /** Version id, 32 hex digits. */
  version: string;
  created: Date | undefined;
}

const date = z.date().optional();
const Listed = z.object({
  name: z.string(),
  enabled: z.boolean().default(true),
  createdOn: date,
  updatedOn: date,
  expiresOn: date,
  contentType: z.string().optional(),
  tags: z.record(z.string(), z.string()).default({}),
  managed: z.boolean().default(false),
});
const ListedDeleted = z.object({ name: z.string(), deletedOn: date, scheduledPurgeDate: date });
const WrittenAnswer = z.object({ version: z.string().min(1), createdOn: date });

const SERVICE_RETRIES = {};
const NO_RETRIES = { retryOptions: { maxRetries: 0 } };
const secretsOf = keepPerAccess((azure, vault) => secretClient(azure, vault, SERVICE_RETRIES));
const keysOf = keepPerAccess((azure, vault) => keyClient(azure, vault, SERVICE_RETRIES));
const secretsOnceOf = keepPerAccess((azure, vault) => secretClient(azure, vault, NO_RETRIES));
const keysOnceOf = keepPerAccess((azure, vault) => keyClient(azure, vault, NO_RETRIES));

/** Without retries it is the client that writes, which then knows already how the vault wants to be asked. */
const secretsFor = (azure: AzureAccess, vault: string, retries: boolean): SecretClient =>
  (retries ? secretsOf : secretsOnceOf)(azure, vault);
const keysFor = (azure: AzureAccess, vault: string, retries: boolean): KeyClient =>
  (retries ? keysOf : keysOnceOf)(azure, vault);

function secretClient(azure: AzureAccess, vault: string, retries: object): SecretClient {
  return new SecretClient(vaultUri(azure, vault), azure.credential, { ...optionsOf(azure), ...retries });
}

function keyClient(azure: AzureAccess, vault: string, retries: object): KeyClient {
  return new KeyClient(vaultUri(azure, vault), azure.credential, { ...optionsOf(azure), ...retries });
}

function optionsOf({ httpClient }: AzureAccess): Pick<SecretClientOptions, "httpClient" | "additionalPolicies"> {
  return { httpClient, additionalPolicies: [{ policy: innerCodeKept, position: "perRetry" }] };
}

/** The vault's data-plane address: `https://{name}.{suffix of the cloud}`. */
function vaultUri(azure: AzureAccess, vaultName: string): string {
  return `https://${vaultName.toLowerCase()}.${azure.cloud.vaultSuffix}`;
}

/**
 * All secrets, to the last page. A collection list: no object name reaches the vault's log.
 *
 * @param retries false = whoever asks tries again by itself
 */
export async function listSecrets(azure: AzureAccess, vaultName: string, retries = true): Promise<ListedObject[]> {
  try {
    return (await drain(secretsFor(azure, vaultName, retries).listPropertiesOfSecrets())).map(listed);
  } catch (error) {
    throw toAppError(error, "list the vault's secrets");
  }
}

/** All soft-deleted secrets: their names are taken until they are purged. */
export async function listDeletedSecrets(
  azure: AzureAccess,
  vaultName: string,
  retries = true,
): Promise<ListedDeletedObject[]> {
  try {
    return (await drain(secretsFor(azure, vaultName, retries).listDeletedSecrets())).map(listedDeleted);
  } catch (error) {
    throw toAppError(error, "list the vault's deleted secrets");
  }
}

/** All keys, to the last page. */
export async function listKeys(azure: AzureAccess, vaultName: string, retries = true): Promise<ListedObject[]> {
  try {
    return (await drain(keysFor(azure, vaultName, retries).listPropertiesOfKeys())).map(listed);
  } catch (error) {
    throw toAppError(error, "list the vault's keys");
  }
}

/** All soft-deleted keys. */
export async function listDeletedKeys(
  azure: AzureAccess,
  vaultName: string,
  retries = true,
): Promise<ListedDeletedObject[]> {
  try {
    const keys = await drain(keysFor(azure, vaultName, retries).listDeletedKeys());
    return keys.map(({ name, properties }) => listedDeleted({ ...properties, name }));
  } catch (error) {
    throw toAppError(error, "list the vault's deleted keys");
  }
}

/**
 * Sets a secret with the SDK's retries off: Key Vault has no create-only write, and a blind second try could add a
 * version. The caller has listed right before, and looks before anything else when `isAmbiguous(error)`.
 */
export async function setSecretOnce(
  azure: AzureAccess,
  vaultName: string,
  secret: { name: string; value: string; contentType?: string | undefined } & CommonAttributes,
): Promise<Written> {
  const { name, value, contentType } = secret;
  try {
    const { properties } = await secretsOnceOf(azure, vaultName).setSecret(name, value, {
      ...(contentType !== undefined && { contentType }),
      ...common(secret),
    });
    return written(properties);
  } catch (error) {
    throw toAppError(error, "write into the vault");
  }
}

/** What secrets and keys carry alike. */
export interface CommonAttributes {
  notBefore?: Date | undefined;
  expires?: Date | undefined;
  tags?: Record<string, string> | undefined;
}

function common({ notBefore, expires, tags }: CommonAttributes) {
  return {
    ...(notBefore && { notBefore }),
    ...(expires && { expiresOn: expires }),
    ...(tags && { tags }),
  };
}

/** How a key is to be made. Bits are for RSA, 2048 unless said; a curve for EC, P-256 unless said. */
export interface KeyShape extends CommonAttributes {
  name: string;
  kty: "RSA" | "EC" | "RSA-HSM" | "EC-HSM";
  size?: number | undefined;
  curve?: string | undefined;
}

/** Creates a key with the SDK's retries off; the same rules as `setSecretOnce`. */
export async function createKeyOnce(azure: AzureAccess, vaultName: string, key: KeyShape): Promise<Written> {
  const { name, kty, size, curve } = key;
  try {
    const { properties } = await keysOnceOf(azure, vaultName).createKey(name, kty, {
      ...(kty.startsWith("RSA") ? { keySize: size ?? 2048 } : { curve: curve ?? "P-256" }),
      ...common(key),
    });
    return written(properties);
  } catch (error) {
    throw toAppError(error, "create a key in the vault");
  }
}

const DeletedAnswer = z.object({ scheduledPurgeDate: z.number().optional() });
const API_VERSION = "7.5";

/**
 * Deletes a secret or key with one request. Not the SDK's `beginDelete…`: its poller goes on to ask for the deleted object
 * by name, which would be a touch of a honeytoken, and needs a right that nobody is given for this.
 *
 * @returns when Azure purges it, as it says; undefined where the vault has no soft delete
 */
export async function deleteObjectOnce(
  azure: AzureAccess,
  vaultName: string,
  kind: "secret" | "key",
  name: string,
): Promise<{ purgeAt: Date | undefined }> {
  const url = `${vaultUri(azure, vaultName)}/${kind}s/${encodeURIComponent(name)}?api-version=${API_VERSION}`;
  const request = createPipelineRequest({ url, method: "DELETE", headers: createHttpHeaders() });
  try {
    const token = await azure.credential.getToken(azure.cloud.vaultScope);
    request.headers.set("authorization", `Bearer ${token?.token ?? ""}`);
    const response = await azure.httpClient.sendRequest(request);
    if (response.status !== 200) {
      throw new RestError("Key Vault refused", { statusCode: response.status, request, response });
    }
    const { scheduledPurgeDate } = DeletedAnswer.parse(JSON.parse(response.bodyAsText ?? "{}"));
    return { purgeAt: scheduledPurgeDate === undefined ? undefined : new Date(scheduledPurgeDate * 1_000) };
  } catch (error) {
    throw toAppError(error, "delete from the vault");
  }
}

/** How a vault answered a drill's read: never what it answered. */
export interface TouchAnswer {
  status: number;
  /** The service's own id of the request, lower case: the audit row has the same. Undefined when the answer had none. */
  requestId: string | undefined;
  /** The vault's firewall or its private endpoint refused, before anybody's rights were looked at. */
  byNetwork: boolean;
}

/**
 * Reads one secret or key by its name, with one request and no retry: it is a touch of it. For drills only. Should it be
 * answered, what the vault sends goes by as a stream that nobody looks at: no value is ever held as text.
 *
 * @param clientRequestId GUID of our own, which the audit row may carry in place of the service's
 * @throws AppError when no answer came, in which case the vault may still have seen the request
 */
export async function touchByReading(
  azure: AzureAccess,
  vaultName: string,
  kind: "secret" | "key",
  name: string,
  clientRequestId: string,
): Promise<TouchAnswer> {
  return askUnread(azure, vaultName, `${kind}s/${encodeURIComponent(name)}`, clientRequestId);
}

/**
 * Asks for the first name of a kind in a vault, to learn whether a right works yet. A collection list: no object is
 * touched by it, and what is answered goes by unread.
 *
 * @throws AppError when no answer came
 */
export async function tryListing(
  azure: AzureAccess,
  vaultName: string,
  kind: "secret" | "key",
): Promise<Pick<TouchAnswer, "status" | "byNetwork">> {
  return askUnread(azure, vaultName, `${kind}s`, undefined, "&maxresults=1");
}

async function askUnread(
  azure: AzureAccess,
  vaultName: string,
  path: string,
  clientRequestId: string | undefined,
  parameters = "",
): Promise<TouchAnswer> {
  const url = `${vaultUri(azure, vaultName)}/${path}?api-version=${API_VERSION}${parameters}`;
  const request = createPipelineRequest({ url, method: "GET", headers: createHttpHeaders() });
  if (clientRequestId !== undefined) request.headers.set("x-ms-client-request-id", clientRequestId);
  request.streamResponseStatusCodes = new Set([200]);
  try {
    const token = await azure.credential.getToken(azure.cloud.vaultScope);
    request.headers.set("authorization", `Bearer ${token?.token ?? ""}`);
    const response = await azure.httpClient.sendRequest(request);
    const { status } = response;
    response.readableStreamBody?.on("error", () => {}).resume();
    const codes =
      status < 400
        ? []
        : (azureErrorOf(new RestError("Key Vault refused", { statusCode: status, request, response }))?.codes ?? []);
    return {
      status,
      requestId: response.headers.get("x-ms-request-id")?.toLowerCase(),
      byNetwork: codes.some((code) => NETWORK_CODES.includes(code)),
    };
  } catch (error) {
    throw toAppError(error, "reach the vault");
  }
}

function listed(properties: unknown): ListedObject {
  const { name, enabled, createdOn, updatedOn, expiresOn, contentType, tags, managed } = Listed.parse(properties);
  return { name, enabled, created: createdOn, updated: updatedOn, expires: expiresOn, contentType, tags, managed };
}

function listedDeleted(object: unknown): ListedDeletedObject {
  const { name, deletedOn, scheduledPurgeDate } = ListedDeleted.parse(object);
  return { name, deleted: deletedOn, purgeAt: scheduledPurgeDate };
}

function written(properties: unknown): Written {
  const { version, createdOn } = WrittenAnswer.parse(properties);
  return { version, created: createdOn };
}
