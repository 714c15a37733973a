#!/usr/bin/env node
// A stand-in for az with just what infra/app-registration.sh asks for: a directory in the file of FAKE_DIRECTORY. Graph's
// PATCH with "Prefer: create-if-missing" makes what is not there; anything unexpected fails. As in Graph, the first to ask
// for a registration that was just made hears that there is none.
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";

const file = process.env.FAKE_DIRECTORY ?? "";
const directory = existsSync(file)
  ? JSON.parse(readFileSync(file, "utf8"))
  : {
      objects: { "servicePrincipals(appId='00000003-0000-0000-c000-000000000000')": { id: "graph", appId: "graph" } },
      ...{ assignments: [], grants: [], unheard: [], calls: [] },
    };
const args = process.argv.slice(2);
const command = args
  .slice(
    0,
    args.findIndex((one) => one.startsWith("--")),
  )
  .join(" ");
const option = (name) => args[args.indexOf(`--${name}`) + 1] ?? "";
const idOf = (text) =>
  createHash("sha256")
    .update(text)
    .digest("hex")
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, "$1-$2-$3-$4-$5");
const answer = (text) => process.stdout.write(`${text}\n`);

const SETTINGS = {
  "endpoints.microsoftGraphResourceId": "https://graph.microsoft.com/",
  "endpoints.activeDirectory": "https://login.microsoftonline.com",
  name: "AzureCloud",
  tenantId: "11111111-1111-4111-8111-111111111111",
};

function patch(address) {
  if (!args.includes("Prefer=create-if-missing")) throw new Error(`${address} would not be made`);
  const known = directory.objects[address] ?? make(address);
  directory.objects[address] = { ...known, ...JSON.parse(option("body")) };
}

function make(address) {
  if (address.startsWith("applications(")) directory.unheard.push(address);
  directory.objects[address] = { id: idOf(`id ${address}`), appId: idOf(`app ${address}`) };
  return directory.objects[address];
}

/** Fails, and the state is kept all the same. */
function refuse(words) {
  writeFileSync(file, JSON.stringify(directory));
  process.stderr.write(`${words}\n`);
  process.exit(1);
}

function get(address, query) {
  const permission = /\[\?value=='(.+)'\]\.id/.exec(query)?.[1];
  if (permission) return answer(directory.objects[address] ? idOf(permission) : "");
  const [, resource, part] = /resourceId=='(.+)' && consentType=='AllPrincipals'\] \| \[0\]\.(\w+)/.exec(query) ?? [];
  const client = /^servicePrincipals\/(.+)\/oauth2PermissionGrants$/.exec(address)?.[1];
  const isGrant = (one) => one.clientId === client && one.resourceId === resource;
  if (part) return answer(directory.grants.find(isGrant)?.[part] ?? "");
  const resources = /length\(requiredResourceAccess\[\?contains\('(.+)'/.exec(query)?.[1];
  if (resources) {
    const list = directory.objects[address]?.requiredResourceAccess;
    return list
      ? answer(list.filter((one) => resources.includes(one.resourceAppId)).length)
      : refuse(`There is no ${address}`);
  }
  const [, principal, role] = /principalId=='(.+)' && appRoleId=='(.+)'/.exec(query) ?? [];
  if (principal) {
    return answer(
      directory.assignments.filter((one) => one.principalId === principal && one.appRoleId === role).length,
    );
  }
  const found = directory.objects[address]?.[query];
  if (found === undefined || directory.unheard.includes(address)) {
    directory.unheard = directory.unheard.filter((one) => one !== address);
    return refuse(`${address} has no ${query}`);
  }
  return answer(found);
}

function rest() {
  const address = option("url").replace("https://graph.microsoft.com/v1.0/", "").replace(/\?.*$/, "");
  const [, grant] = /^oauth2PermissionGrants\/(.+)$/.exec(address) ?? [];
  if (grant) {
    const known = directory.grants.find((one) => one.id === grant);
    return Object.assign(known, JSON.parse(option("body")));
  }
  if (option("method") === "patch") return patch(address);
  if (option("method") === "get") return get(address, option("query"));
  post(address, JSON.parse(option("body")));
}

function post(address, body) {
  if (address === "servicePrincipals") make(`servicePrincipals(appId='${body.appId}')`);
  else if (address === "oauth2PermissionGrants")
    directory.grants.push({ id: idOf(`grant ${JSON.stringify(body)}`), ...body });
  else directory.assignments.push(body);
}

directory.calls.push(args.join(" "));
if (command === "rest") rest();
else if (command === "cloud show" || command === "account show") answer(SETTINGS[option("query")]);
else throw new Error(`az ${command} is not known here`);
writeFileSync(file, JSON.stringify(directory));
