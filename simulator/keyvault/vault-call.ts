import type { z } from "zod";
import { ownWords } from "../body-fault";
import { longText } from "../body-texts";
import type { Call } from "../context";
import type { AzureError } from "../http";
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
  const body = call.request.text === "" ? {} : call.request.json();
  const parsed = schema.safeParse(body);
  if (!parsed.success) throw invalidProperty(parsed.error);
  const fault = longText(body, CONTENTS);
  if (fault) throw badParameter(`Property ${fault.path || "body"} has invalid value: it is too long`);
  return parsed.data;
}

/** Members that hold a secret, a backup, a ciphertext or a certificate. */
const CONTENTS: ReadonlySet<string> = new Set(["value", "x5c"]);

/** 400 for the first property that does not fit. What the service adds about it is not documented; here, our own rules. */
function invalidProperty({ issues }: z.ZodError): AzureError {
  const [issue] = issues;
  const own = issue && ownWords(issue);
  const reason = own === undefined ? "" : `: ${own}`;
  return badParameter(`Property ${issue?.path.join(".") || "body"} has invalid value${reason}`);
}
