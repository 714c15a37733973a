import { spawnSync } from "node:child_process";
import {
  accessSync,
  constants,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { CLOUDS } from "@/lib/cloud";
import { JOB_IDENTITIES, loadConfig, SERVICE_IDENTITIES } from "@/lib/config";
import { ROLES } from "@/lib/context";
import { tellingWords } from "@/lib/footprint/footprint.pure";
import { type BicepFile, readBicep } from "./test/bicep";

/*
 * What can be known of infra/ without Azure and without the Bicep compiler: that the grammar fits, that the parts fit each
 * other, and that they say the same as the code and the guide.
 */

const text = (file: string) => readFileSync(file, "utf8");
const GUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
const SCRIPTS = ["infra/app-registration.sh", ...readdirSync("infra/hooks").map((name) => `infra/hooks/${name}`)];

let files: BicepFile[] = [];
const named = (file: string): BicepFile => {
  const found = files.find((one) => one.file === file);
  if (!found) throw new Error(`There is no ${file}.`);
  return found;
};
beforeAll(async () => {
  files = await readBicep("infra");
});

test("every Bicep file fits the grammar and uses no name that it does not declare", () => {
  expect(files.length).toBeGreaterThan(10);
  for (const { file, faults, undeclared } of files)
    expect({ file, faults, undeclared }).toEqual({ file, faults: [], undeclared: [] });
});

test("every module is there, gets what it needs and nothing else", () => {
  const modules = files.flatMap((file) => file.modules);
  expect(modules.length).toBeGreaterThan(10);
  for (const { path: module, given } of modules) {
    const { params } = named(module);
    const needed = [...params].filter(([, hasDefault]) => !hasDefault).map(([name]) => name);
    expect(given, module).toEqual(expect.arrayContaining(needed));
    expect([...params.keys()], module).toEqual(expect.arrayContaining(given));
  }
});

test("the parameters file gives every parameter of main.bicep, and azd asks for none that a hook finds", () => {
  const Parameters = z.object({
    parameters: z.record(z.string(), z.object({ value: z.string().regex(/^\$\{[A-Z_]+(=.*)?\}$/) })),
  });
  const { parameters } = Parameters.parse(JSON.parse(text("infra/main.parameters.json")));
  const { params } = named("infra/main.bicep");
  expect(Object.keys(parameters).sort()).toEqual([...params.keys()].sort());
  for (const [name, { value }] of Object.entries(parameters)) expect(value.includes("="), name).toBe(params.get(name));
  // `azd up` asks for what has no default before it runs a hook.
  expect([...params].filter(([, hasDefault]) => !hasDefault).map(([name]) => name)).toEqual([
    "environmentName",
    "location",
  ]);
});

test("the containers get settings that the product knows, and a whole real configuration", () => {
  const names = [...named("infra/modules/apps.bicep").text.matchAll(/name: '([A-Z][A-Z0-9_]+)'/g)].map(
    ([, name = ""]) => name,
  );
  const known = [...text(".env.example").matchAll(/^#?([A-Z][A-Z0-9_]+)=/gm)].map(([, name]) => name);
  for (const name of names) expect(known).toContain(name);
  const guid = "0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f";
  const values: Record<string, string> = {
    AZURE_CLOUD: "AzureCloud",
    APP_ORIGIN: "https://ca-x-web.example.azurecontainerapps.io",
    SENTINEL_WORKSPACE_RESOURCE_ID: `/subscriptions/${guid}/resourceGroups/rg/providers/Microsoft.OperationalInsights/workspaces/law`,
    DATABASE_URL: "postgres://id-x-web@psql-x.postgres.database.azure.com/honeytokens?sslmode=verify-full",
    WATCHLIST_ALIAS: "HoneyTokens",
    OUTBOUND_SUBNET_IDS: `/subscriptions/${guid}/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/vnet/subnets/apps`,
    PRIVATE_ENDPOINT_SCOPES: `/subscriptions/${guid}`,
    WEBHOOK_SECRET: "sixteen-characters",
    OTEL_EXPORTER_OTLP_ENDPOINT: "https://otel.example.com",
    PORT: "3000",
    HOST: "0.0.0.0",
    RUN_JOBS: "no",
    DATA_DIR: "/data",
    LOG_LEVEL: "info",
  };
  const config = loadConfig(Object.fromEntries(names.map((name) => [name, values[name] ?? guid])));
  expect(config).toMatchObject({ mode: "real", runJobs: false, databaseIdentityClientId: guid, retireRoleId: guid });
  expect(names).toEqual(expect.arrayContaining(["DRILL_CLIENT_ID", "GRANTER_OBJECT_ID", "COLLECTOR_CLIENT_ID"]));
});

test("the web app holds no identity that only jobs act with, and the workers hold all", () => {
  const { text: bicep } = named("infra/modules/apps.bicep");
  const heldBy = (app: string) => {
    const [, variable = ""] = new RegExp(`resource ${app} [\\s\\S]*?\\n {2}identity: (\\w+)`).exec(bicep) ?? [];
    const [, block = ""] = new RegExp(`var ${variable} = \\{([\\s\\S]*?)\\n\\}`).exec(bicep) ?? [];
    return [...block.matchAll(/\$\{identities\.(\w+)\.id\}/g)].map(([, name = ""]) => name).sort();
  };
  const all = ["web", ...SERVICE_IDENTITIES];
  expect(heldBy("worker")).toEqual(all.toSorted());
  expect(heldBy("web")).toEqual(all.filter((name) => !JOB_IDENTITIES.some((job) => job === name)).sort());
});

test("no name that is given in Azure says what it is for, by the product's own measure", () => {
  const names = files.flatMap(({ text: bicep }) =>
    [...bicep.matchAll(/^ +(?:name|roleName): '([^']+)'/gm)].map(([, name = ""]) => name.replace(/\$\{[^}]*\}/g, "")),
  );
  const images = [...text("infra/hooks/before-provision.sh").matchAll(/"([a-z]+):\$tag"/g)].map(
    ([, name = ""]) => name,
  );
  const shown = [...text("infra/app-registration.sh").matchAll(/displayName\\": \\"([^"\\]+)/g)].map(
    ([, name = ""]) => name,
  );
  const byHand = /for name in (.+); do/.exec(text("docs/real-tenant.md"))?.[1] ?? "";
  expect(names).toEqual(expect.arrayContaining(["id--provisioning", "console", "Vault access provisioning"]));
  expect(byHand.split(" ").filter((name) => names.includes(`id--${name}`))).toHaveLength(6);
  expect(images).toHaveLength(2);
  expect(shown).toHaveLength(2);
  for (const name of [...names, ...images, ...shown])
    expect(tellingWords(name), name).toMatchObject({ telling: "nothing" });
});

test("built-in roles are those of Azure's list that the simulated tenant knows, under the same name", () => {
  const known = text("simulator/world/roles.ts");
  const pull = "7f951dda-4ed3-4680-a7ca-43fe172d538d";
  const ids = files.flatMap((file) => file.text.match(GUID) ?? []).filter((id) => id !== pull);
  expect(new Set(ids).size).toBe(6);
  for (const id of ids) expect(known).toContain(id);
});

test("the custom roles are the product's own, and the guide names what they give", () => {
  expect(named("infra/modules/custom-roles.bicep").text).toContain(
    "loadJsonContent('../../lib/deployments/custom-roles.json')",
  );
  const given = z.array(z.string());
  const roles = z.record(z.string(), z.object({ name: z.string(), actions: given, dataActions: given }));
  const guide = text("docs/identities.md");
  for (const { actions, dataActions } of Object.values(
    roles.parse(JSON.parse(text("lib/deployments/custom-roles.json"))),
  )) {
    for (const action of [...actions, ...dataActions]) {
      expect(guide).toContain(action.replace("Microsoft.KeyVault/vaults/", ""));
      expect(action).not.toMatch(/getSecret|\*|purge|backup/i);
    }
  }
});

test("the granter is constrained in the very words of the guide", () => {
  const CONDITION = /\(!\(ActionMatches[\s\S]*?\$DRILL\}\)\)\nAND\n[\s\S]*?\$DRILL\}\)\)/;
  const inBicep = CONDITION.exec(named("infra/modules/roles-subscription.bicep").text)?.[0];
  expect(inBicep).toContain("roleAssignments/delete");
  expect(CONDITION.exec(text("docs/real-tenant.md"))?.[0]).toBe(inBicep);
  // `$PLANT` is the beginning of `$PLANTER`, so the longer one goes first.
  const order = [...named("infra/modules/roles-subscription.bicep").text.matchAll(/replace\(\w+, '(\$[A-Z]+)'/g)];
  expect(order.map(([, name]) => name)).toEqual(["$PLANTER", "$PLANT", "$RETIRE", "$DRILL"]);
});

test("azure.yaml names templates and hooks that are there and can be run", () => {
  const Azure = z.object({
    infra: z.object({ provider: z.literal("bicep"), path: z.string(), module: z.string() }),
    hooks: z.record(z.enum(["preprovision", "postprovision"]), z.object({ shell: z.literal("sh"), run: z.string() })),
  });
  const { infra, hooks } = Azure.parse(parse(text("azure.yaml")));
  expect(existsSync(`${infra.path}/${infra.module}.bicep`)).toBe(true);
  for (const { run } of Object.values(hooks)) accessSync(run, constants.X_OK);
  const outputs = named("infra/main.bicep").outputs;
  for (const name of ["APP_ORIGIN", "WEB_IDENTITY_PRINCIPAL_ID"]) expect(outputs).toContain(name);
});

test.each(SCRIPTS)("%s is a script that a shell understands", (script) => {
  expect(spawnSync("sh", ["-n", script], { encoding: "utf8" })).toMatchObject({ status: 0, stderr: "" });
});

const hasShellcheck = spawnSync("shellcheck", ["--version"]).status === 0;
test.skipIf(!hasShellcheck)("shellcheck has nothing against the scripts (skipped where it is not installed)", () => {
  expect(spawnSync("shellcheck", SCRIPTS, { encoding: "utf8" }).stdout).toBe("");
});

test("the registrations have the roles, the scope and the audiences that the code expects, and no secret", () => {
  const script = text("infra/app-registration.sh");
  for (const role of ROLES) expect(script).toContain(role);
  expect(script).toContain('\\"value\\": \\"access_as_user\\"');
  expect(script).toContain("/auth/redirect");
  for (const { tokenExchangeScope } of Object.values(CLOUDS))
    expect(script).toContain(tokenExchangeScope.replace("/.default", ""));
  expect(script).not.toMatch(/addPassword|passwordCredentials|credential reset/);
});

const Directory = z.object({
  objects: z.record(z.string(), z.looseObject({ id: z.string(), appId: z.string() })),
  assignments: z.array(z.object({ principalId: z.string(), appRoleId: z.string(), resourceId: z.string() })),
  grants: z.array(
    z.looseObject({ clientId: z.string(), consentType: z.string(), scope: z.string(), resourceId: z.string() }),
  ),
  calls: z.array(z.string()),
});

test("the registrations are made once, tied to their identity and consented to, and a second run changes nothing", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "kvh-az-"));
  const state = path.join(folder, "directory.json");
  symlinkSync(path.resolve("scripts/test/fake-az.mjs"), path.join(folder, "az"));
  writeFileSync(path.join(folder, "sleep"), "#!/bin/sh\n", { mode: 0o755 });
  const env = {
    ...process.env,
    PATH: `${folder}:${process.env.PATH}`,
    FAKE_DIRECTORY: state,
    ADMINISTRATORS: "person-1",
  };
  const run = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync("sh", ["infra/app-registration.sh", "decoys", ...args], {
      env,
      encoding: "utf8",
    });
    expect(status, stderr).toBe(0);
    return { stdout, stderr, directory: Directory.parse(JSON.parse(text(state))) };
  };
  try {
    const first = run("https://tokens.example.com", "identity-1");
    // The directory did not know at once what was made.
    expect(first.stderr).toMatch(/asking again/);
    // As before the next provisioning, when address and identity are not told: they stay.
    const second = run();
    expect(second.directory.objects).toEqual(first.directory.objects);
    expect(second.directory.assignments).toHaveLength(1);
    expect(second.stderr).toBe("");

    const { objects, grants, calls } = second.directory;
    const api = objects["applications(uniqueName='decoys-api')"];
    const spa = objects["applications(uniqueName='decoys-web')"];
    expect(second.stdout).toBe(`AUTH_API_CLIENT_ID=${api?.appId}\nAUTH_SPA_CLIENT_ID=${spa?.appId}\n`);
    expect(spa).toMatchObject({ spa: { redirectUris: ["https://tokens.example.com/auth/redirect"] } });
    expect(api).toMatchObject({
      identifierUris: [`api://${api?.appId}`],
      api: {
        requestedAccessTokenVersion: 2,
        oauth2PermissionScopes: [{ value: "access_as_user" }],
        preAuthorizedApplications: [{ appId: spa?.appId }],
      },
      appRoles: ROLES.map((value) => ({ value, allowedMemberTypes: ["User"] })),
      requiredResourceAccess: [{}, {}, {}],
    });
    const trust = Object.entries(objects).find(([name]) => name.includes("federatedIdentityCredentials"))?.[1];
    expect(trust).toMatchObject({
      issuer: "https://login.microsoftonline.com/11111111-1111-4111-8111-111111111111/v2.0",
      subject: "identity-1",
      audiences: ["api://AzureADTokenExchange"],
    });
    // Consent for the tenant to what the API does in a person's name and to signing in, in every cloud and once.
    const principal = (appId = "") => objects[`servicePrincipals(appId='${appId}')`]?.id;
    const said = (all: typeof grants) => all.map(({ clientId, scope }) => ({ clientId, scope }));
    const [ofApi, ofBrowser] = [principal(api?.appId), principal(spa?.appId)];
    expect(said(grants)).toEqual([
      { clientId: ofApi, scope: "user_impersonation" },
      { clientId: ofApi, scope: "user_impersonation" },
      { clientId: ofApi, scope: "Data.Read" },
      { clientId: ofBrowser, scope: "access_as_user" },
      { clientId: ofBrowser, scope: "openid profile offline_access" },
    ]);
    expect(grants.map(({ consentType }) => consentType)).toEqual(grants.map(() => "AllPrincipals"));
    expect(new Set(grants.map(({ resourceId }) => resourceId)).size).toBe(grants.length);
    expect(grants[3]?.resourceId).toBe(ofApi);
    // What somebody else has added, and has the tenant's consent for, stays beside it.
    const added = { resourceAppId: "graph", resourceAccess: [] };
    const requiredResourceAccess = [...z.array(z.unknown()).parse(api?.requiredResourceAccess), added];
    const other = {
      ...{ ...second.directory, unheard: [] },
      objects: { ...objects, "applications(uniqueName='decoys-api')": { ...api, requiredResourceAccess } },
      grants: grants.map((one) => ({ ...one, scope: "another.One" })),
    };
    writeFileSync(state, JSON.stringify(other));
    const third = run().directory;
    expect(third.objects["applications(uniqueName='decoys-api')"]).toMatchObject({ requiredResourceAccess });
    expect(third.grants.map(({ scope }) => scope)).toEqual(grants.map(({ scope }) => `another.One ${scope}`));
    // Microsoft's own applications are brought in, never changed.
    expect(
      calls.filter((call) => /patch .*(797f4846|cfa8b339|ca7f3f0b)[^ ]*'\)/.test(call.split(" --body")[0] ?? "")),
    ).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 300_000);
