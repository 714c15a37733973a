import { z } from "zod";

const Token = z.object({ access_token: z.string() });

/**
 * Calls the simulated tenant as the person whose product token this is: exchanged on behalf of them, as the product
 * does it. For what happens in Azure beside the product: somebody deletes a vault, reads a honeytoken.
 */
export async function azureAsPerson(
  simulatorUrl: string,
  apiSecret: string,
  authorization: string,
  call: { method: string; url: string; scope: string; body?: unknown },
): Promise<Response> {
  const { tenantId, apiClientId } = z
    .object({ tenantId: z.string(), apiClientId: z.string() })
    .parse(await (await fetch(`${simulatorUrl}/sim/tenant`)).json());
  const answer = await fetch(`${simulatorUrl}/${tenantId}/oauth2/v2.0/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
      requested_token_use: "on_behalf_of",
      client_id: apiClientId,
      client_secret: apiSecret,
      assertion: authorization.replace(/^Bearer /, ""),
      scope: call.scope,
    }),
  });
  const { access_token } = Token.parse(await answer.json());
  const { host, pathname, search } = new URL(call.url);
  return fetch(`${simulatorUrl}${pathname}${search}`, {
    method: call.method,
    headers: { authorization: `Bearer ${access_token}`, "x-forwarded-host": host, "content-type": "application/json" },
    ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
  });
}
