import { z } from "zod";
import { recordActivity } from "../arm/activity";
import { ok, readBody } from "../arm/respond";
import { authorize } from "../arm/scope";
import type { Call } from "../context";
import { AzureError, type Router } from "../http";
import { DATA_LOCATION } from "./data-location";

const SETTINGS = "/subscriptions/{s}/providers/Microsoft.Security/settings";
const LOCATIONS = "/subscriptions/{s}/providers/Microsoft.Security/locations";
const READ = "Microsoft.Security/settings/read";
const WRITE = "Microsoft.Security/settings/write";

/** What a subscription shares with which product, by name; all on until somebody says otherwise. */
const KINDS: Readonly<Record<string, "DataExportSettings" | "AlertSyncSettings">> = {
  MCAS: "DataExportSettings",
  WDATP: "DataExportSettings",
  Sentinel: "AlertSyncSettings",
};

const Body = z.object({
  kind: z.enum(["DataExportSettings", "AlertSyncSettings"]),
  properties: z.object({ enabled: z.boolean() }),
});

/** Settings of Defender for Cloud (list, get, put), and the region in which it keeps a subscription's data. */
export function routeSecuritySettings(router: Router<Call>): void {
  router.on("GET", SETTINGS, (call, params) => {
    authorize(call, READ, `/subscriptions/${params.s}`);
    return ok({ value: Object.keys(KINDS).map((name) => body(call, params.s ?? "", name)) });
  });

  router.on("GET", `${SETTINGS}/{n}`, (call, params) => {
    authorize(call, READ, `/subscriptions/${params.s}`);
    return ok(body(call, params.s ?? "", requireName(params.n ?? "")));
  });

  router.on("PUT", `${SETTINGS}/{n}`, (call, params) => {
    authorize(call, WRITE, `/subscriptions/${params.s}`);
    const name = requireName(params.n ?? "");
    const { kind, properties } = readBody(call, Body, "InvalidRequestContent");
    if (kind !== KINDS[name])
      throw new AzureError(400, "InvalidSettingKind", `The kind of '${name}' is ${KINDS[name]}.`);
    const subscriptionId = params.s?.toLowerCase() ?? "";
    call.model.securitySettings.put(`${subscriptionId}/${name}`, { subscriptionId, name, enabled: properties.enabled });
    recordActivity(call, { action: WRITE, scope: idOf(subscriptionId, name), status: 200 });
    return ok(body(call, subscriptionId, name));
  });

  router.on("GET", LOCATIONS, (call, params) => {
    authorize(call, "Microsoft.Security/locations/read", `/subscriptions/${params.s}`);
    return ok({ value: [locationBody(params.s ?? "")] });
  });

  router.on("GET", `${LOCATIONS}/{l}`, (call, params) => {
    authorize(call, "Microsoft.Security/locations/read", `/subscriptions/${params.s}`);
    if (params.l?.toLowerCase() !== DATA_LOCATION) {
      throw new AzureError(404, "NotFound", `The location '${params.l}' was not found.`);
    }
    return ok(locationBody(params.s ?? ""));
  });
}

function requireName(name: string): string {
  const found = Object.keys(KINDS).find((known) => known.toLowerCase() === name.toLowerCase());
  if (found === undefined) throw new AzureError(404, "NotFound", `The setting '${name}' was not found.`);
  return found;
}

function idOf(subscriptionId: string, name: string): string {
  return `/subscriptions/${subscriptionId}/providers/Microsoft.Security/settings/${name}`;
}

function body(call: Call, subscriptionId: string, name: string) {
  return {
    id: idOf(subscriptionId, name),
    name,
    type: "Microsoft.Security/settings",
    kind: KINDS[name],
    properties: { enabled: call.model.securitySettings.get(`${subscriptionId}/${name}`)?.enabled ?? true },
  };
}

function locationBody(subscriptionId: string) {
  return {
    id: `/subscriptions/${subscriptionId}/providers/Microsoft.Security/locations/${DATA_LOCATION}`,
    name: DATA_LOCATION,
    type: "Microsoft.Security/locations",
    properties: { homeRegionName: DATA_LOCATION },
  };
}
