import type { Vault } from "../model";
import type { ActorName } from "./actors";

/** A client's own time between two calls of a program, milliseconds. */
export const QUICK_MS = 350;
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;

/** One request of a play. */
export interface Step {
  /** Milliseconds since the step before it, at the play's own pace. */
  after: number;
  /** What it is for; a sentence without a full stop. */
  note: string;
  actor: ActorName;
  service: "keyvault" | "arm";
  method: "GET" | "POST" | "DELETE";
  /** Host of the service, the vault's own for its data plane. */
  host: string;
  /** Decoded. */
  path: string;
  query: Record<string, string>;
  body?: unknown;
  /** Sent without a token: what most clients do first, to be told where to get one. */
  anonymous?: true;
}

/** What came back. The body stays inside the play: only its size and its errors are told to anybody. */
export interface StepAnswer {
  status: number;
  body: unknown;
}

/** The steps of one attack; each next one may depend on what was answered before. */
export type Script = Generator<Step, void, StepAnswer>;

/** What a script may know: the vault it is set on, and others for those who knock at many doors. */
export interface Stage {
  vault: Vault;
  /** Live vaults of the tenant in the order of the world, the chosen one first. */
  vaults: readonly Vault[];
  /** The stolen person where that account may read what the vault holds, else the application. */
  reader: ActorName;
  seed: number;
}

/** Requests to one vault's data plane by one actor. */
export class VaultClient {
  constructor(
    private readonly vault: Vault,
    private readonly actor: ActorName,
    private readonly apiVersion = "7.4",
  ) {}

  get(path: string, note: string, after = QUICK_MS): Step {
    return this.step("GET", path, note, after);
  }

  post(path: string, note: string, body: unknown, after = QUICK_MS): Step {
    return { ...this.step("POST", path, note, after), ...(body !== undefined && { body }) };
  }

  /** The call without a token that an Azure client begins with. */
  handshake(path: string, after = 0): Step {
    return { ...this.step("GET", path, "Ask without a token, to be told where to get one", after), anonymous: true };
  }

  private step(method: Step["method"], path: string, note: string, after: number): Step {
    return {
      after,
      note,
      actor: this.actor,
      service: "keyvault",
      method,
      host: `${this.vault.name}.vault.azure.net`,
      path,
      query: { "api-version": this.apiVersion },
    };
  }
}
