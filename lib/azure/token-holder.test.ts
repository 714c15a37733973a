import { expect, test } from "vitest";
import { CLOUDS } from "@/lib/cloud";
import { tokenHolder } from "./token-holder";

function access(token: string) {
  const credential = { getToken: async () => ({ token, expiresOnTimestamp: 0 }) };
  return { credential, cloud: CLOUDS.AzureCloud };
}
const withClaims = (claims: object) => `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.c2lnbmF0dXJl`;

test("an object id is told in lower case", async () => {
  const oid = "ABCDEF01-2345-4789-ABCD-EF0123456789";
  expect(await tokenHolder(access(withClaims({ oid })))).toBe(oid.toLowerCase());
});

test.each(["opaque", "", withClaims({}), withClaims({ oid: 7 })])(
  "a token that does not tell, %j, is no fault",
  async (token) => {
    expect(await tokenHolder(access(token))).toBeUndefined();
  },
);
