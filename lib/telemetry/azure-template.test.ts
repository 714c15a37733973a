import { expect, test } from "vitest";
import { azureTemplate } from "./azure-template.pure";

const VAULT = "/subscriptions/0f0f/resourceGroups/rg-pay/providers/Microsoft.KeyVault/vaults/kv-pay";
const VAULT_TEMPLATE = "/subscriptions/{}/resourceGroups/{}/providers/Microsoft.KeyVault/vaults/{}";

test.each([
  ["arm", VAULT, VAULT_TEMPLATE],
  ["arm", `${VAULT}/keys/providers`, `${VAULT_TEMPLATE}/keys/{}`],
  ["arm", `${VAULT}/secrets/keys`, `${VAULT_TEMPLATE}/secrets/{}`],
  [
    "arm",
    `${VAULT}/providers/Microsoft.Insights/diagnosticSettings/audit`,
    `${VAULT_TEMPLATE}/providers/Microsoft.Insights/diagnosticSettings/{}`,
  ],
  ["resourceGraph", "//providers/Microsoft.ResourceGraph/resources", "/providers/Microsoft.ResourceGraph/resources"],
  ["logs", "/v1/workspaces/0f0f/query", "/v1/workspaces/{}/query"],
  ["graph", "/v1.0/security/incidents/12/comments", "/v1.0/security/incidents/{}/comments"],
  ["entra", "/0f0f/oauth2/v2.0/token", "/{}/oauth2/v2.0/token"],
  ["keyVault", "/secrets/db-password", "/secrets/{}"],
  ["keyVault", "/secrets/secrets/keys", "/secrets/{}/{}"],
  ["keyVault", "/deletedsecrets/db-password/recover", "/deletedsecrets/{}/{}"],
  ["keyVault", "/db-password", "/{}"],
])("the address of a call to %s keeps no name: %s", (service, path, template) => {
  expect(azureTemplate(service, path)).toBe(template);
});
