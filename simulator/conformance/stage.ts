import { createPipelineRequest } from "@azure/core-rest-pipeline";
import { z } from "zod";
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
  /** A request that no client offers, through a pipeline like theirs; the body as the service gave it. */
  raw(method: "GET" | "PUT" | "POST" | "PATCH" | "DELETE" | "HEAD", url: string, body?: unknown): Promise<unknown>;
}

/** Where in the tenant the scripts work. Ids are ARM ids without a slash at the end. */
export interface Place {
  tenantId: string;
  subscriptionId: string;
  subscription: string;
  vault: { id: string; name: string; resourceGroup: string; url: string };
  workspace: { id: string; name: string; resourceGroup: string; customerId: string };
  /** Object id of somebody to give roles to. */
  person: string;
}

const ARM = "https://management.azure.com";

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
export function placeOf({ context }: ConformanceTenant): Place {
  const { model, identity } = context;
  const workspace = [...model.workspaces.values()].find(({ name }) => name === "law-sentinel");
  const vault = [...model.vaults.values()].find(
    (one) =>
      one.subscriptionId === workspace?.subscriptionId &&
      one.enableRbacAuthorization === true &&
      one.publicNetworkAccess === "Enabled" &&
      one.networkAcls === undefined &&
      one.enablePurgeProtection === undefined,
  );
  const person = [...model.principals.values()].find(({ kind }) => kind === "User");
  if (!vault || !workspace || !person) throw new Error("The world holds no vault, workspace or person to work with.");
  return {
    tenantId: identity.tenantId,
    subscriptionId: vault.subscriptionId,
    subscription: `/subscriptions/${vault.subscriptionId}`,
    vault: {
      id: vault.id,
      name: vault.name,
      resourceGroup: vault.resourceGroup,
      url: `https://${vault.name.toLowerCase()}.vault.azure.net`,
    },
    workspace: {
      id: workspace.id,
      name: workspace.name,
      resourceGroup: workspace.resourceGroup,
      customerId: workspace.customerId,
    },
    person: person.oid,
  };
}

/** Every item of a paged list. */
export async function all<T>(pages: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of pages) items.push(item);
  return items;
}
