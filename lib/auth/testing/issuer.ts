import { createServer } from "node:http";
import { type CryptoKey, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import type { Config } from "@/lib/config";
import { testConfig } from "@/scripts/test/config";

/** A sign-in service for unit tests: keys over HTTP, and tokens of any form that a test wants refused. */
export interface Issuer {
  config: Config;
  /** A valid access token for the product, with `change` applied to its claims. */
  token(change?: Record<string, unknown>): Promise<string>;
  /** The same claims, signed by other means. */
  sign(claims: JWTPayload, header: { alg: string; kid?: string }, key: CryptoKey | Uint8Array): Promise<string>;
  claims(change?: Record<string, unknown>): JWTPayload;
  publicJwk: Record<string, unknown>;
  requests(): number;
  close(): Promise<void>;
}

export const PERSON = { oid: "aaaaaaaa-0000-4000-8000-000000000001", upn: "kim@contoso.test", name: "Kim Owner" };

/** `answer` stands in for the keys: what the tenant's endpoint, or something in between, may answer instead. */
export async function startIssuer(answer?: { status: number; body: string; location?: string }): Promise<Issuer> {
  const { publicKey, privateKey } = await generateKeyPair("RS256");
  const publicJwk = { ...(await exportJWK(publicKey)), kid: "k1", use: "sig", alg: "RS256" };
  let requests = 0;
  const server = createServer((_, response) => {
    requests += 1;
    const { status, body, location } = answer ?? { status: 200, body: JSON.stringify({ keys: [publicJwk] }) };
    response.writeHead(status, { "content-type": "application/json", ...(location && { location }) });
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (typeof address !== "object" || !address) throw new Error("The key server has no port.");
  const base = testConfig();
  const config = testConfig({ auth: { ...base.auth, jwksUrl: `http://127.0.0.1:${address.port}/keys` } });
  const claims = (change: Record<string, unknown> = {}): JWTPayload => {
    const now = Math.floor(Date.now() / 1000);
    return {
      iss: config.auth.issuer,
      aud: config.auth.apiClientId,
      tid: config.tenantId,
      oid: PERSON.oid,
      sub: "pairwise",
      azp: config.auth.spaClientId,
      scp: "access_as_user",
      ver: "2.0",
      name: PERSON.name,
      preferred_username: PERSON.upn,
      roles: ["KeyVault.Owner"],
      iat: now,
      nbf: now,
      exp: now + 3600,
      ...change,
    };
  };
  const sign: Issuer["sign"] = (payload, header, key) => new SignJWT(payload).setProtectedHeader(header).sign(key);
  return {
    config,
    claims,
    sign,
    publicJwk,
    token: (change) => sign(claims(change), { alg: "RS256", kid: "k1" }, privateKey),
    requests: () => requests,
    close: () => new Promise((resolve) => void server.close(() => resolve())),
  };
}
