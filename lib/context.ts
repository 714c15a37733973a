import "server-only";
import type { TokenCredential } from "@azure/core-auth";
import type { HttpClient } from "@azure/core-rest-pipeline";
import type { Kysely } from "kysely";
import type { Outbound } from "./azure/vault-network";
import type { CloudProfile, Config, ServiceIdentity } from "./config";
import type { Database } from "./store/schema";

/** Everything an Azure call needs: who calls, through which wire, in which cloud. */
export interface AzureAccess {
  credential: TokenCredential;
  httpClient: HttpClient;
  cloud: CloudProfile;
  /** Where calls to the vaults' own addresses come from. */
  outbound: Outbound;
}

export const ROLES = ["KeyVault.Owner", "Soc.Analyst", "Platform.Admin"] as const;
export type Role = (typeof ROLES)[number];

/** The signed-in person, from the validated access token. Keyed by tid + oid. */
export interface User {
  tid: string;
  oid: string;
  name: string;
  upn: string | undefined;
  roles: Role[];
}

/** Hands long work to the job workers, in this process or in another one. Made by `jobQueue(store)` of lib/store/jobs. */
export interface JobQueue {
  /** Two jobs of one queue and key are one job. Not started before `startAfter`, to which one that waits longer is brought forward. */
  enqueue(queue: string, key: string, data: Record<string, unknown>, options?: { startAfter?: Date }): Promise<void>;
}

/** What a feature gets to work with, whoever asked. */
export interface ServiceContext {
  config: Config;
  db: Kysely<Database>;
  jobs: JobQueue;
  azure: Record<ServiceIdentity, AzureAccess>;
  now(): Date;
}

/** The same for a call on behalf of a person: `asUser` reaches what that person may reach. */
export interface UserContext extends ServiceContext {
  user: User;
  asUser: AzureAccess;
  requestId: string;
}
