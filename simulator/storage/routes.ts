import { z } from "zod";
import { recordActivity } from "../arm/activity";
import { badRequest, resourceNotFound } from "../arm/errors";
import { routeLists } from "../arm/lists";
import { isLocation } from "../arm/regions";
import { iso, noContent, ok, readBody } from "../arm/respond";
import { authorize, requireGroup } from "../arm/scope";
import { checkTags } from "../arm/tag-rules";
import type { Call } from "../context";
import { AzureError, type Router, type SimResponse } from "../http";
import { accountBody, KEY_NAMES, keyValue, OPEN_NETWORK, storageAccounts } from "./accounts";
import { CreateBody, RegenerateBody, UpdateBody, withProperties } from "./bodies";
import type { StorageAccount } from "./documents";

const TYPE = "Microsoft.Storage/storageAccounts";
const READ = `${TYPE}/read`;
const WRITE = `${TYPE}/write`;
const DELETE = `${TYPE}/delete`;
const ALL = `/providers/${TYPE}`;
const ONE = `/subscriptions/{s}/resourceGroups/{g}${ALL}/{a}`;

const NameBody = z.object({ name: z.string().max(500), type: z.literal(TYPE) });

/** Storage accounts: lists, get, put, patch, delete, keys, whether a name is free. */
export function routeStorage(router: Router<Call>): void {
  routeLists(router, {
    all: ALL,
    read: READ,
    items: (call) => storageAccounts(call),
    body: (_call, account) => accountBody(account),
    size: () => 1000,
  });

  router.on("GET", ONE, (call, params) => {
    authorize(call, READ, idOf(params));
    return ok(accountBody(requireAccount(call, params)));
  });

  router.on("PUT", ONE, put);

  router.on("PATCH", ONE, (call, params) => {
    authorize(call, WRITE, idOf(params));
    const account = requireAccount(call, params);
    const { sku, tags, properties } = readBody(call, UpdateBody, "InvalidRequestContent");
    const changed = withProperties(
      { ...account, sku: sku?.name ?? account.sku, tags: tags ? checkTags(tags) : account.tags },
      properties ?? {},
    );
    return ok(accountBody(store(call, changed)));
  });

  router.on("DELETE", ONE, (call, params) => {
    authorize(call, DELETE, idOf(params));
    requireGroup(call, params.s ?? "", params.g ?? "");
    const account = call.model.storageAccounts.get(idOf(params));
    if (!account) return noContent();
    call.model.storageAccounts.delete(account.id);
    recordActivity(call, { action: DELETE, scope: account.id, status: 200 });
    return { status: 200 };
  });

  router.on("POST", `/subscriptions/{s}/providers/Microsoft.Storage/checkNameAvailability`, (call, params) => {
    authorize(call, "Microsoft.Storage/checkNameAvailability/read", `/subscriptions/${params.s}`);
    const { name } = readBody(call, NameBody, "InvalidRequestContent");
    if (!NAME.test(name)) return ok({ nameAvailable: false, reason: "AccountNameInvalid", message: invalid(name) });
    if (isTaken(call, name)) return ok({ nameAvailable: false, reason: "AlreadyExists", message: taken(name) });
    return ok({ nameAvailable: true });
  });

  routeKeys(router);
}

function routeKeys(router: Router<Call>): void {
  router.on("POST", `${ONE}/listKeys`, (call, params) => {
    const action = `${TYPE}/listKeys/action`;
    authorize(call, action, idOf(params));
    const account = requireAccount(call, params);
    recordActivity(call, { action, scope: account.id, status: 200 });
    return ok(keysBody(call, account));
  });

  router.on("POST", `${ONE}/regenerateKey`, (call, params) => {
    const action = `${TYPE}/regenerateKey/action`;
    authorize(call, action, idOf(params));
    const account = requireAccount(call, params);
    const { keyName } = readBody(call, RegenerateBody, "InvalidRequestContent");
    const name = KEY_NAMES.find((known) => known === keyName.toLowerCase());
    if (!name)
      throw badRequest(
        `The key name '${keyName}' is not valid. Use key1 or key2.`,
        "InvalidValuesForRequestParameters",
      );
    const { generation } = account.keys[name];
    const changed = {
      ...account,
      keys: { ...account.keys, [name]: { generation: generation + 1, createdAt: call.now() } },
    };
    call.model.storageAccounts.put(account.id, changed);
    recordActivity(call, { action, scope: account.id, status: 200 });
    return ok(keysBody(call, changed));
  });
}

function idOf(params: Record<string, string>): string {
  return `/subscriptions/${params.s}/resourceGroups/${params.g}/providers/${TYPE}/${params.a}`;
}

function requireAccount(call: Call, params: Record<string, string>): StorageAccount {
  requireGroup(call, params.s ?? "", params.g ?? "");
  const found = call.model.storageAccounts.get(idOf(params));
  if (!found) throw resourceNotFound(`${TYPE}/${params.a}`, params.g ?? "");
  return found;
}

/** 3 to 24 lower-case letters and digits, unique over all of Azure. */
const NAME = /^[a-z0-9]{3,24}$/;

function put(call: Call, params: Record<string, string>): SimResponse {
  const name = params.a ?? "";
  authorize(call, WRITE, idOf(params));
  const group = requireGroup(call, params.s ?? "", params.g ?? "");
  const { sku, kind, location, tags, properties } = readBody(call, CreateBody, "InvalidRequestContent");
  if (!NAME.test(name)) throw badRequest(invalid(name), "AccountNameInvalid");
  if (!isLocation(location)) {
    throw badRequest(
      `The provided location '${location}' is not available for resource type '${TYPE}'.`,
      "LocationNotAvailableForResourceType",
    );
  }
  const present = call.model.storageAccounts.get(idOf(params));
  if (!present && isTaken(call, name)) throw new AzureError(409, "StorageAccountAlreadyTaken", taken(name));
  const first = { generation: 0, createdAt: call.now() };
  const base: StorageAccount = present ?? {
    id: `${group.id}/providers/${TYPE}/${name}`,
    name,
    subscriptionId: group.subscriptionId,
    resourceGroup: group.name,
    location: location.replaceAll(" ", "").toLowerCase(),
    tags: {},
    kind,
    sku: sku.name,
    accessTier: "Hot",
    createdAt: call.now(),
    minimumTlsVersion: "TLS1_2",
    httpsOnly: true,
    allowBlobPublicAccess: false,
    allowSharedKeyAccess: true,
    networkAcls: OPEN_NETWORK,
    keys: { key1: first, key2: first },
  };
  const account = withProperties({ ...base, sku: sku.name, tags: checkTags(tags ?? {}) }, properties ?? {});
  return ok(accountBody(store(call, account)));
}

function store(call: Call, account: StorageAccount): StorageAccount {
  call.model.storageAccounts.put(account.id, account);
  recordActivity(call, { action: WRITE, scope: account.id, status: 200 });
  return account;
}

function keysBody(call: Call, account: StorageAccount) {
  return {
    keys: KEY_NAMES.map((keyName) => ({
      keyName,
      value: keyValue(call, account, keyName),
      permissions: "Full",
      creationTime: iso(account.keys[keyName].createdAt),
    })),
  };
}

function isTaken(call: Call, name: string): boolean {
  return storageAccounts(call).some((account) => account.name === name);
}

function invalid(name: string): string {
  return `${name} is not a valid storage account name. Storage account name must be between 3 and 24 characters in length and use numbers and lower-case letters only.`;
}

function taken(name: string): string {
  return `The storage account named ${name} is already taken.`;
}
