import { createPipelineRequest } from "@azure/core-rest-pipeline";
import { z } from "zod";
import { worldMachines } from "../defender/machines";
import { SENTINEL_APP_ID } from "../sentinel/playbooks";
import type { Clients } from "./clients";
import type { ConformanceTenant } from "./tenant";
import type { Wire } from "./wire";

/** What went wrong in the program itself: a step that failed, or a refusal that did not come. */
export interface Problem {
  step: string;
  message: string;
}

/** What the scripts of `drive/` work with. */
export interface Stage {
  clients: Clients;
  place: Place;
  /** Moves the tenant's clock, for what Azure does with a delay. */
  advance(milliseconds: number): Promise<void>;
  /** Runs one step under its name; a failure is noted, and the next step goes on. */
  step<T>(name: string, run: () => Promise<T>): Promise<T | undefined>;
  /** A step that must end in this status: errors have a described shape too. */
  refused(name: string, status: number, run: () => Promise<unknown>): Promise<void>;
  /** Sees an operation that Azure finishes later to its end: asks once while it lasts, then lets the time pass. */
  finish<T>(poller: Poller<T>): Promise<T>;
  /** A request that no client offers, through a pipeline like theirs; the body as the service gave it. */
  raw(method: "GET" | "PUT" | "POST" | "PATCH" | "DELETE" | "HEAD", url: string, body?: unknown): Promise<unknown>;
}

interface Poller<T> {
  poll(): Promise<unknown>;
  pollUntilDone(): Promise<T>;
}

/** Where in the tenant the scripts work. Ids are ARM ids without a slash at the end. */
export interface Place {
  tenantId: string;
  subscriptionId: string;
  subscription: string;
  vault: VaultPlace;
  /** One that is reached only through its private endpoint. */
  privateVault: VaultPlace;
  workspace: { id: string; name: string; resourceGroup: string; customerId: string };
  /** One that holds certificates. */
  certificateVault: VaultPlace;
  /** Virtual machines that Defender for Cloud assesses. */
  machine: { id: string; group: string; subscription: string };
  /** Object id of somebody to give roles to. */
  person: string;
  /** Object id of Microsoft Sentinel itself. */
  sentinel: string;
}

interface VaultPlace {
  id: string;
  name: string;
  resourceGroup: string;
  url: string;
}

const ARM = "https://management.azure.com";
/** Longer than any operation of the simulated control plane. */
const OPERATION_MS = 120_000;

/** A stage on that tenant; what goes wrong is added to `problems`. */
export function makeStage(tenant: ConformanceTenant, wire: Wire, clients: Clients, problems: Problem[]): Stage {
  const step = async <T>(name: string, run: () => Promise<T>): Promise<T | undefined> => {
    wire.step = name;
    try {
      return await run();
    } catch (error) {
      problems.push({ step: name, message: error instanceof Error ? error.message : String(error) });
      return undefined;
    }
  };
  return {
    clients,
    place: placeOf(tenant),
    advance: tenant.advance,
    step,
    finish: async (poller) => {
      await poller.poll();
      await tenant.advance(OPERATION_MS);
      return poller.pollUntilDone();
    },
    refused: async (name, status, run) => {
      await step(name, async () => {
        const answer = await run().then(
          () => undefined,
          (error: unknown) => error,
        );
        const got = z.object({ statusCode: z.number() }).safeParse(answer).data?.statusCode;
        if (got !== status) throw new Error(`should be refused with ${status}, got ${got ?? answer ?? "an answer"}`);
      });
    },
    raw: async (method, path, body) => {
      const url = path.startsWith("/") ? `${ARM}${path}` : path;
      const request = createPipelineRequest({
        method,
        url,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      request.headers.set("accept", "application/json");
      if (body !== undefined) request.headers.set("content-type", "application/json");
      const response = await clients.raw(request);
      if (response.status >= 400) throw new RefusedError(response.status, response.bodyAsText ?? "");
      return response.bodyAsText ? JSON.parse(response.bodyAsText) : undefined;
    },
  };
}

class RefusedError extends Error {
  constructor(
    readonly statusCode: number,
    body: string,
  ) {
    super(`${statusCode} ${body}`);
  }
}

/** A vault that decides by roles, is open to the network and holds secrets; and the workspace with Sentinel. */
export function placeOf({ context }: Pick<ConformanceTenant, "context">): Place {
  const { model, identity } = context;
  const workspace = [...model.workspaces.values()].find(({ name }) => name === "law-sentinel");
  const vaults = [...model.vaults.values()].filter((one) => one.subscriptionId === workspace?.subscriptionId);
  const closed = vaults.find(({ publicNetworkAccess }) => publicNetworkAccess === "Disabled");
  const open = vaults.filter((one) => one.enableRbacAuthorization === true && one.publicNetworkAccess === "Enabled");
  const holders = new Set([...model.objects.values()].flatMap(({ managed, vaultId }) => (managed ? [vaultId] : [])));
  const certificates = open.find(({ id, networkAcls }) => holders.has(id) && networkAcls === undefined);
  const person = [...model.principals.values()].find(({ kind }) => kind === "User");
  const sentinel = [...model.principals.values()].find(({ appId }) => appId === SENTINEL_APP_ID);
  const [machine] = worldMachines(context);
  const vault = open.find((one) => one.networkAcls === undefined && one.enablePurgeProtection === undefined);
  if (!vault || !closed || !certificates || !workspace || !person || !sentinel || !machine)
    throw new Error("The world lacks something to work with: a vault, a workspace, a machine or somebody.");
  return {
    tenantId: identity.tenantId,
    subscriptionId: vault.subscriptionId,
    subscription: `/subscriptions/${vault.subscriptionId}`,
    vault: vaultPlace(vault),
    privateVault: vaultPlace(closed),
    workspace: {
      id: workspace.id,
      name: workspace.name,
      resourceGroup: workspace.resourceGroup,
      customerId: workspace.customerId,
    },
    certificateVault: vaultPlace(certificates),
    machine: {
      id: machine.id,
      group: machine.id.split("/").slice(0, 5).join("/"),
      subscription: `/subscriptions/${machine.subscriptionId}`,
    },
    person: person.oid,
    sentinel: sentinel.oid,
  };
}

function vaultPlace({ id, name, resourceGroup }: Omit<VaultPlace, "url">): VaultPlace {
  return { id, name, resourceGroup, url: `https://${name.toLowerCase()}.vault.azure.net` };
}

/** Every item of a paged list. */
export async function all<T>(pages: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of pages) items.push(item);
  return items;
}
