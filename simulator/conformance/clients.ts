import { AuthorizationManagementClient } from "@azure/arm-authorization";
import { KeyVaultManagementClient } from "@azure/arm-keyvault";
import { ManagementGroupsAPI } from "@azure/arm-managementgroups";
import { MonitorClient } from "@azure/arm-monitor";
import { OperationalInsightsManagementClient } from "@azure/arm-operationalinsights";
import { PolicyClient } from "@azure/arm-policy";
import { PolicyInsightsClient } from "@azure/arm-policyinsights";
import { ResourceGraphClient } from "@azure/arm-resourcegraph";
import { ResourceManagementClient } from "@azure/arm-resources";
import { SubscriptionClient } from "@azure/arm-resources-subscriptions";
import { SecurityCenter } from "@azure/arm-security";
import { SecurityInsights } from "@azure/arm-securityinsight";
import { StorageManagementClient } from "@azure/arm-storage";
import type { TokenCredential } from "@azure/core-auth";
import {
  bearerTokenAuthenticationPolicy,
  createPipelineFromOptions,
  type HttpClient,
  type PipelinePolicy,
  type PipelineRequest,
} from "@azure/core-rest-pipeline";
import { KeyClient } from "@azure/keyvault-keys";
import { SecretClient } from "@azure/keyvault-secrets";
import { LogsQueryClient } from "@azure/monitor-query-logs";

export type Clients = ReturnType<typeof makeClients>;

/** The unmodified clients, all on one wire, with nothing changed but the policies that are passed in. */
export function makeClients(
  credential: TokenCredential,
  subscriptionId: string,
  wire: { httpClient: HttpClient; policies: PipelinePolicy[] },
) {
  const options = {
    httpClient: wire.httpClient,
    additionalPolicies: wire.policies.map((policy) => ({ policy, position: "perRetry" as const })),
    // A refusal is part of what is shown; a second try would only repeat it.
    retryOptions: { maxRetries: 0 },
  };
  return {
    authorization: new AuthorizationManagementClient(credential, subscriptionId, options),
    keyVaults: new KeyVaultManagementClient(credential, subscriptionId, options),
    managementGroups: new ManagementGroupsAPI(credential, options),
    monitor: new MonitorClient(credential, subscriptionId, options),
    workspaces: new OperationalInsightsManagementClient(credential, subscriptionId, options),
    policy: new PolicyClient(credential, subscriptionId, options),
    policyInsights: new PolicyInsightsClient(credential, subscriptionId, options),
    resourceGraph: new ResourceGraphClient(credential, options),
    resources: new ResourceManagementClient(credential, subscriptionId, options),
    subscriptions: new SubscriptionClient(credential, options),
    security: new SecurityCenter(credential, subscriptionId, options),
    sentinel: new SecurityInsights(credential, subscriptionId, options),
    storage: new StorageManagementClient(credential, subscriptionId, options),
    logs: new LogsQueryClient(credential, options),
    secrets: (vaultUrl: string) => new SecretClient(vaultUrl, credential, options),
    keys: (vaultUrl: string) => new KeyClient(vaultUrl, credential, options),
    raw: (request: PipelineRequest) => {
      const pipeline = createPipelineFromOptions({});
      pipeline.addPolicy(bearerTokenAuthenticationPolicy({ credential, scopes: scopeOf(request.url) }));
      for (const policy of wire.policies) pipeline.addPolicy(policy, { phase: "Retry" });
      return pipeline.sendRequest(wire.httpClient, request);
    },
  };
}

function scopeOf(url: string): string {
  const { origin, hostname } = new URL(url);
  return `${hostname.endsWith(".vault.azure.net") ? "https://vault.azure.net" : origin}/.default`;
}
