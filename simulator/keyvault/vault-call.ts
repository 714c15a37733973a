import type { z } from "zod";
import type { Call } from "../context";
import type { AuditEvent } from "../loganalytics/row-shape";
import type { Vault } from "../model";
import { badParameter } from "./vault-errors";

/** One authenticated, allowed call to one vault. */
export interface VaultCall extends Call {
  vault: Vault;
  apiVersion: string;
  /** `https://{vault}.vault.azure.net`, in front of every id that the vault gives out. */
  origin: string;
}

/** What an operation answers, and what the audit row tells of it. */
export interface Answer {
  status?: 200 | 204;
  body?: unknown;
  /** The id that the row carries: with version for one object, the collection for a list. */
  objectUri?: string;
  key?: AuditEvent["key"];
  secret?: AuditEvent["secret"];
}

/** Parses the JSON body. Properties that the service does not know are let through, as it does. @throws AzureError 400. */
export function parseBody<T>(call: VaultCall, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(call.request.text === "" ? {} : call.request.json());
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw badParameter(`Property ${issue?.path.join(".") || "body"} has invalid value: ${issue?.message ?? "invalid"}`);
}
