import "server-only";
import { z } from "zod";

/* Rows of the queries of an incident's page, in the columns of their files. Every text in them may be the caller's own. */

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? "");
const list = z
  .array(z.unknown())
  .nullish()
  .transform((values) => (values ?? []).map(String));
const time = z.iso.datetime({ offset: true });

export const TouchRow = z.object({
  TimeGenerated: time,
  Caller: text,
  Operation: text,
  Status: z.number().nullish(),
  VaultId: text,
  Kind: text,
  Name: text,
  TokenKey: text,
  Ip: text,
  Client: text,
  RequestId: text,
});
export type TouchRow = z.infer<typeof TouchRow>;

export const AddressRow = z.object({
  Caller: text,
  Ip: text,
  Calls: z.number(),
  First: time,
  Last: time,
  Oid: text,
  Upn: text,
  AppIds: list,
  ManagedIdentity: text,
  Clients: list,
});
export type AddressRow = z.infer<typeof AddressRow>;

export const ReadRow = z.object({
  VaultId: text,
  Kind: text,
  Name: text,
  TokenKey: text,
  Reads: z.number(),
  First: time,
  Last: time,
  After: z.number(),
  Seconds: z.number(),
  Operations: list,
});
export type ReadRow = z.infer<typeof ReadRow>;

export const SilentRow = z.object({ VaultId: text, LastBefore: time.nullish(), LastRow: time.nullish() });
export type SilentRow = z.infer<typeof SilentRow>;

export const ColleagueRow = z.object({
  VaultId: text,
  Caller: text,
  Calls: z.number(),
  Refused: z.number(),
  Days: z.number(),
  Last: time,
  Operations: list,
  Upn: text,
  AppId: text,
  ManagedIdentity: text,
});
export type ColleagueRow = z.infer<typeof ColleagueRow>;
