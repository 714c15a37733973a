import { ofVault } from "../../by-vault";
import type { Context } from "../../context";
import type { SimResponse } from "../../http";
import type { Vault } from "../../model";
import { worldIds } from "../../world/ids";
import { type Html, html, page } from "./frame";

const PAGE = 50;

/** The vaults whose name or group holds `query`, fifty at a time, with what matters to an attacker. */
export function vaultsPage(context: Context, query: string, from: number): SimResponse {
  const wanted = query.trim().toLowerCase();
  const found = [...context.model.vaults.values()].filter(
    ({ name, resourceGroup }) => name.toLowerCase().includes(wanted) || resourceGroup.toLowerCase().includes(wanted),
  );
  const start = Math.min(from, Math.max(0, found.length - 1));
  const shown = found.slice(start, start + PAGE);
  const main = html`<h1>Vaults</h1>
<form method="get" action="/sim/vaults" role="search" class="row card"><div class="field"><label for="q">Name or resource group</label><input class="wide" type="search" id="q" name="q" value="${query}" maxlength="127"></div><button class="second">Search</button></form>
<p role="status" id="count">${found.length === 0 ? "No vault has that in its name." : `${start + 1} to ${start + shown.length} of ${found.length.toLocaleString("en")} vaults`}</p>
${shown.length === 0 ? undefined : html`<div class="card scroll" tabindex="0" role="group" aria-labelledby="count"><table class="stack"><thead><tr><th scope="col">Vault</th><th scope="col">Resource group</th><th scope="col">Access</th><th scope="col">Network</th><th scope="col">Audit log</th><th scope="col">Secrets</th><th scope="col">Keys</th></tr></thead><tbody>${shown.map((vault) => rowOf(context, vault))}</tbody></table></div>`}
<nav aria-label="More vaults">${[
    ...(start > 0 ? [html`<a href="${addressOf(query, Math.max(0, start - PAGE))}">Previous ${PAGE}</a>`] : []),
    ...(start + PAGE < found.length ? [html`<a href="${addressOf(query, start + PAGE)}">Next ${PAGE}</a>`] : []),
  ]}</nav>`;
  return page({ title: "Vaults", main });
}

function addressOf(query: string, from: number): string {
  return `/sim/vaults?${new URLSearchParams({ q: query, from: String(from) })}`;
}

function rowOf(context: Context, vault: Vault): Html {
  const objects = ofVault(context.model.objects, vault.id).filter(({ deletedAt }) => deletedAt === undefined);
  const count = (kind: string) => objects.filter((object) => object.kind === kind).length;
  return html`<tr><td data-label="Vault"><a href="/sim?vault=${vault.name}">${vault.name}</a></td><td data-label="Group">${vault.resourceGroup}</td><td data-label="Access">${vault.enableRbacAuthorization ? "Roles" : "Policies"}</td><td data-label="Network">${networkOf(vault)}</td><td data-label="Audit log">${logOf(context, vault)}</td><td class="tight" data-label="Secrets">${count("secret")}</td><td class="tight" data-label="Keys">${count("key")}</td></tr>`;
}

function networkOf({ publicNetworkAccess, networkAcls }: Vault): string {
  if (publicNetworkAccess === "Disabled") return "Private";
  return networkAcls?.defaultAction === "Deny" ? "Firewall" : "Public";
}

function logOf(context: Context, vault: Vault): string {
  const watched = worldIds(context).workspace.resourceId.toLowerCase();
  const settings = ofVault(context.model.diagnosticSettings, vault.id).filter(({ logs }) =>
    logs.some((log) => log.enabled),
  );
  const tables = settings
    .filter(({ workspaceId }) => workspaceId?.toLowerCase() === watched)
    .map(({ destinationType }) => (destinationType === "Dedicated" ? "AZKVAuditLogs" : "AzureDiagnostics"));
  if (tables.length > 0) return tables.sort().join(", ");
  return settings.length > 0 ? "Elsewhere" : "None";
}
