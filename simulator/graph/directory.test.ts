import { beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { worldIds } from "../world/ids";
import { appToken, context, personToken, registrar, send, start } from "./testing/tenant";

beforeEach(() => start({}));

const READ = "Application.Read.All";
const asked = async (path: string, who: "owner" | "administrator" = "administrator", ...scopes: string[]) =>
  send("GET", path, {
    token: await personToken(worldIds(context).personas[who], ...(scopes.length > 0 ? scopes : [READ])),
  });
const Page = z.object({ value: z.array(z.record(z.string(), z.unknown())), "@odata.nextLink": z.string().optional() });
const api = () => context.identity.apiClientId;

test("registrations and service principals are read with the permission, by any member", async () => {
  const filter = encodeURIComponent(`appId eq '${api()}'`);
  for (const path of ["/v1.0/applications", "/v1.0/servicePrincipals"]) {
    const { status, body } = await asked(`${path}?$filter=${filter}&$select=appId,displayName`, "owner");
    expect(status).toBe(200);
    expect(Page.parse(body).value).toEqual([{ appId: api(), displayName: "Vault operations console" }]);
    expect((await asked(path, "owner", "User.Read")).status).toBe(403);
    expect((await send("GET", path, { token: await appToken(registrar()) })).status).toBe(403);
    expect((await asked(`${path}?$select=secretText`)).status).toBe(400);
    expect((await asked(`${path}?$skip=1`)).status).toBe(400);
  }
});

test("pages go on by a token of the directory's own, to the end", async () => {
  const seen: unknown[] = [];
  let path: string | undefined = "/v1.0/servicePrincipals?$top=7";
  while (path !== undefined) {
    const page = Page.parse((await asked(path)).body);
    seen.push(...page.value.map(({ id }) => id));
    path = page["@odata.nextLink"]?.replace("https://graph.microsoft.com", "");
  }
  const all = [...context.model.principals.values()].filter(({ kind }) => kind === "ServicePrincipal");
  expect(new Set(seen)).toEqual(new Set(all.map(({ oid }) => oid)));
  expect(seen).toHaveLength(all.length);
});

test("who holds the app roles is for people with a role in the directory", async () => {
  const principal = [...context.model.principals.values()].find(({ appId }) => appId === api());
  const path = `/v1.0/servicePrincipals/${principal?.oid}`;
  const { body } = await asked(`${path}?$select=appRoles`);
  const { appRoles } = z.object({ appRoles: z.array(z.object({ id: z.string(), value: z.string() })) }).parse(body);
  expect(appRoles.map(({ value }) => value)).toEqual(["KeyVault.Owner", "Soc.Analyst", "Platform.Admin"]);
  const held = Page.parse((await asked(`${path}/appRoleAssignedTo`)).body).value;
  const administrators = held.filter(({ appRoleId }) => appRoleId === appRoles[2]?.id);
  expect(administrators.map(({ principalDisplayName }) => principalDisplayName)).toEqual(["Adam Admin"]);
  expect((await asked(`${path}/appRoleAssignedTo`, "owner")).status).toBe(403);
  expect((await asked(`/v1.0/servicePrincipals/${worldIds(context).personas.owner}`)).status).toBe(404);
});
