import { exportJWK, generateKeyPair } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AppError } from "@/lib/errors";
import { testConfig } from "@/scripts/test/config";
import { type Issuer, PERSON, startIssuer } from "./testing/issuer";
import { authenticate } from "./token";

let issuer: Issuer;
beforeAll(async () => {
  issuer = await startIssuer();
});
afterAll(() => issuer.close());

async function refusal(token: unknown): Promise<string> {
  try {
    await authenticate(issuer.config, token);
  } catch (error) {
    if (error instanceof AppError) return error.failure.code;
    throw error;
  }
  return "accepted";
}

const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

test("a person's token for this product is accepted, and says who it is", async () => {
  expect(await authenticate(issuer.config, await issuer.token())).toEqual({
    tid: issuer.config.tenantId,
    oid: PERSON.oid,
    name: PERSON.name,
    upn: PERSON.upn,
    roles: ["KeyVault.Owner"],
  });
});

test("only the product's own roles count", async () => {
  const user = await authenticate(issuer.config, await issuer.token({ roles: ["Platform.Admin", "Global.God"] }));
  expect(user.roles).toEqual(["Platform.Admin"]);
  expect((await authenticate(issuer.config, await issuer.token({ roles: undefined }))).roles).toEqual([]);
});

test("the audience may be the client id or its api:// form", async () => {
  const token = await issuer.token({ aud: `api://${issuer.config.auth.apiClientId}` });
  expect(await refusal(token)).toBe("accepted");
});

describe("refused", () => {
  test.each([
    ["no token", undefined],
    ["an empty one", ""],
    ["something else than text", { token: "x" }],
    ["nonsense", "not-a-token"],
  ])("%s", async (_, token) => {
    expect(await refusal(token)).toBe("signed_out");
  });

  test("more than 16 kB, before anything looks into it", async () => {
    const before = issuer.requests();
    expect(await refusal(await issuer.token({ padding: "x".repeat(16_384) }))).toBe("signed_out");
    expect(issuer.requests()).toBe(before);
  });

  test.each([
    [
      "an id token (issued to the browser application)",
      () => ({ aud: issuer.config.auth.spaClientId, azp: undefined }),
    ],
    ["a token for ARM", () => ({ aud: "https://management.azure.com" })],
    ["another tenant's", () => ({ tid: "22222222-2222-4222-8222-222222222222" })],
    ["another issuer's", () => ({ iss: "https://sts.windows.net/other/" })],
    ["a version 1 token", () => ({ ver: "1.0" })],
    ["issued to another client", () => ({ azp: issuer.config.auth.apiClientId })],
    ["an expired one", () => ({ exp: Math.floor(Date.now() / 1000) - 120 })],
    ["one that is not valid yet", () => ({ nbf: Math.floor(Date.now() / 1000) + 600 })],
    ["one without an object id", () => ({ oid: undefined })],
    ["one that never expires", () => ({ exp: undefined })],
  ])("%s", async (_, change) => {
    expect(await refusal(await issuer.token(change()))).toBe("signed_out");
  });

  test.each([
    ["an application's own", { idtyp: "app" }],
    ["one without our scope", { scp: "openid profile" }],
    ["one with a scope that only starts like ours", { scp: "access_as_user_admin" }],
    ["one without any scope", { scp: undefined }],
  ])("%s token", async (_, change) => {
    expect(await refusal(await issuer.token(change))).toBe("forbidden");
  });

  test("alg none", async () => {
    const token = `${base64url({ alg: "none", typ: "JWT" })}.${base64url(issuer.claims())}.`;
    expect(await refusal(token)).toBe("signed_out");
  });

  test("HS256 signed with the public key", async () => {
    const secret = new TextEncoder().encode(JSON.stringify(issuer.publicJwk));
    expect(await refusal(await issuer.sign(issuer.claims(), { alg: "HS256", kid: "k1" }, secret))).toBe("signed_out");
  });

  test("another key's signature, under the known key id and under a new one", async () => {
    const { privateKey } = await generateKeyPair("RS256");
    for (const kid of ["k1", "k2"]) {
      expect(await refusal(await issuer.sign(issuer.claims(), { alg: "RS256", kid }, privateKey))).toBe("signed_out");
    }
  });

  test("roles changed after signing", async () => {
    const [header, , signature] = (await issuer.token()).split(".");
    const token = `${header}.${base64url(issuer.claims({ roles: ["Platform.Admin"] }))}.${signature}`;
    expect(await refusal(token)).toBe("signed_out");
  });

  test("a key that the token brings along", async () => {
    const { publicKey, privateKey } = await generateKeyPair("RS256", { extractable: true });
    const header = { alg: "RS256", jwk: await exportJWK(publicKey) };
    expect(await refusal(await issuer.sign(issuer.claims(), header, privateKey))).toBe("signed_out");
  });
});

test("a sign-in service that cannot be reached is told apart from a bad token", async () => {
  const config = testConfig({ auth: { ...issuer.config.auth, jwksUrl: "http://127.0.0.1:9/keys" } });
  await expect(authenticate(config, await issuer.token())).rejects.toMatchObject({ failure: { code: "unavailable" } });
});

test.each([
  ["503", { status: 503, body: "<html><body>Service unavailable</body></html>" }],
  ["a page of a proxy in between", { status: 200, body: "<html><body>Blocked by policy</body></html>" }],
  ["JSON that holds no keys", { status: 200, body: JSON.stringify({ error: "blocked" }) }],
  ["a redirect to a page of a proxy", { status: 302, body: "", location: "https://proxy.contoso.test/login" }],
])("a key endpoint that answers with %s says nothing about the token", async (_, answer) => {
  const broken = await startIssuer(answer);
  try {
    // Signed well, by another key and not at all: nobody can tell while there are no keys.
    const { privateKey } = await generateKeyPair("RS256");
    const foreign = await issuer.sign(issuer.claims(), { alg: "RS256", kid: "k2" }, privateKey);
    for (const token of [await issuer.token(), foreign]) {
      await expect(authenticate(broken.config, token)).rejects.toMatchObject({ failure: { code: "unavailable" } });
    }
    await expect(authenticate(broken.config, "not-a-token")).rejects.toMatchObject({ failure: { code: "signed_out" } });
  } finally {
    await broken.close();
  }
});

test("a token that asks for an extension of the format is refused for what it is", async () => {
  const { privateKey } = await generateKeyPair("RS256");
  const header = { alg: "RS256", kid: "k1", crit: ["b64"], b64: false };
  const [, payload, signature] = (await issuer.sign(issuer.claims(), { alg: "RS256", kid: "k1" }, privateKey)).split(
    ".",
  );
  for (const crit of [["b64"], ["unknown"]]) {
    expect(await refusal(`${base64url({ ...header, crit, unknown: 1 })}.${payload}.${signature}`)).toBe("signed_out");
  }
});

test("a token that names no key, where the tenant has two, is refused for what it is", async () => {
  const second = await startIssuer({
    status: 200,
    body: JSON.stringify({ keys: [issuer.publicJwk, issuer.publicJwk] }),
  });
  try {
    const { privateKey } = await generateKeyPair("RS256");
    const token = await issuer.sign(issuer.claims(), { alg: "RS256" }, privateKey);
    await expect(authenticate(second.config, token)).rejects.toMatchObject({ failure: { code: "signed_out" } });
  } finally {
    await second.close();
  }
});

test("the keys are fetched once for many tokens", async () => {
  const config = { ...issuer.config };
  const before = issuer.requests();
  for (let i = 0; i < 5; i++) await authenticate(config, await issuer.token());
  expect(issuer.requests() - before).toBe(1);
});
