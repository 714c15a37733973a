import { createPrivateKey, createPublicKey, type KeyObject, randomBytes } from "node:crypto";
import { calculateJwkThumbprint, exportJWK, type JWK } from "jose";
import type { Context } from "../context";
import { newSigningKey } from "../folder";
import type { Model } from "../model";

/** The label host of the simulated tenant: `.invalid` never resolves, so no token of ours can fit a real tenant. */
export const LABEL_ORIGIN = "https://entra-simulated.invalid";

/** An authorization code waiting to be redeemed. */
interface CodeGrant {
  oid: string;
  sid: string;
  clientId: string;
  redirectUri: string;
  challenge: string;
  scope: string;
  nonce: string | undefined;
  acrs: string[];
  expiresAt: number;
  redeemed: boolean;
}

/** What the sign-in holds in memory: keys, the secrets of this start, codes and open account pickers. */
export interface EntraRuntime {
  privateKey: KeyObject;
  publicKey: KeyObject;
  jwk: JWK & { kid: string };
  apiSecret: string;
  identityHeader: string;
  codes: Map<string, CodeGrant>;
  /** Authorize requests whose account picker is open, by ticket. */
  pickers: Map<string, { parameters: URLSearchParams; expiresAt: number }>;
}

export interface EntraSecrets {
  /** RSA private key, PEM. */
  signingKey: string;
  apiSecret: string;
  identityHeader: string;
}

// By model and not by context: handlers get the context spread into a call, the model in it stays the same object.
const runtimes = new WeakMap<Model, Promise<EntraRuntime>>();

/** Gives this tenant its keys and secrets. */
export function configureEntra(context: Context, secrets: EntraSecrets): Promise<EntraRuntime> {
  const runtime = build(secrets);
  runtimes.set(context.model, runtime);
  return runtime;
}

/** The keys and codes of this tenant; one that was never configured gets random ones. */
export function entraOf(context: Context): Promise<EntraRuntime> {
  return (
    runtimes.get(context.model) ??
    configureEntra(context, {
      signingKey: newSigningKey(),
      apiSecret: randomSecret(),
      identityHeader: randomSecret(),
    })
  );
}

export function randomSecret(): string {
  return randomBytes(32).toString("base64url");
}

/** `https://entra-simulated.invalid/{tenant}/v2.0` */
export function issuerOf(context: Context): string {
  return `${LABEL_ORIGIN}/${context.identity.tenantId}/v2.0`;
}

async function build(secrets: EntraSecrets): Promise<EntraRuntime> {
  const privateKey = createPrivateKey(secrets.signingKey);
  const publicKey = createPublicKey(privateKey);
  const jwk = await exportJWK(publicKey);
  return {
    privateKey,
    publicKey,
    jwk: { ...jwk, use: "sig", alg: "RS256", kid: await calculateJwkThumbprint(jwk) },
    apiSecret: secrets.apiSecret,
    identityHeader: secrets.identityHeader,
    codes: new Map(),
    pickers: new Map(),
  };
}
