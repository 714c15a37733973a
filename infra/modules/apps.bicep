param prefix string
param location string
param tags object
param image string
param registryServer string
param environmentId string
param origin string
param spaClientId string
param apiClientId string
param workspaceResourceId string
param workspaceCustomerId string
@description('web, collector, registrar, planter, granter, drill, each with id, name, clientId and principalId.')
param identities object
param databaseHost string
param databaseName string
param plantRoleId string
param retireRoleId string
param watchlistAlias string
@description('The subnet that calls leave from; empty: none that a vault could let in.')
param outboundSubnetId string
@description('Subscriptions, resource groups or private endpoints, separated by commas: the endpoints in there are reached from that subnet.')
param privateEndpointScopes string
param otlpEndpoint string
@secure()
param webhookSecret string

var port = 3000

// The names are those of .env.example. Web and worker get the same settings.
var settings = [
  { name: 'AZURE_CLOUD', value: environment().name }
  { name: 'AZURE_TENANT_ID', value: tenant().tenantId }
  { name: 'AUTH_SPA_CLIENT_ID', value: spaClientId }
  { name: 'AUTH_API_CLIENT_ID', value: apiClientId }
  { name: 'AUTH_API_FEDERATED_CLIENT_ID', value: identities.web.clientId }
  { name: 'APP_ORIGIN', value: origin }
  { name: 'SENTINEL_WORKSPACE_RESOURCE_ID', value: workspaceResourceId }
  { name: 'SENTINEL_WORKSPACE_ID', value: workspaceCustomerId }
  { name: 'COLLECTOR_CLIENT_ID', value: identities.collector.clientId }
  { name: 'COLLECTOR_OBJECT_ID', value: identities.collector.principalId }
  { name: 'REGISTRAR_CLIENT_ID', value: identities.registrar.clientId }
  { name: 'REGISTRAR_OBJECT_ID', value: identities.registrar.principalId }
  { name: 'PLANTER_CLIENT_ID', value: identities.planter.clientId }
  { name: 'PLANTER_OBJECT_ID', value: identities.planter.principalId }
  { name: 'GRANTER_CLIENT_ID', value: identities.granter.clientId }
  { name: 'GRANTER_OBJECT_ID', value: identities.granter.principalId }
  { name: 'DRILL_CLIENT_ID', value: identities.drill.clientId }
  { name: 'DRILL_OBJECT_ID', value: identities.drill.principalId }
  { name: 'PLANT_ROLE_ID', value: plantRoleId }
  { name: 'RETIRE_ROLE_ID', value: retireRoleId }
  { name: 'WATCHLIST_ALIAS', value: watchlistAlias }
  { name: 'OUTBOUND_SUBNET_IDS', value: outboundSubnetId }
  { name: 'PRIVATE_ENDPOINT_SCOPES', value: privateEndpointScopes }
  { name: 'DATABASE_URL', value: 'postgres://${identities.web.name}@${databaseHost}/${databaseName}?sslmode=verify-full' }
  { name: 'DATABASE_IDENTITY_CLIENT_ID', value: identities.web.clientId }
  { name: 'DATA_DIR', value: '/data' }
  { name: 'LOG_LEVEL', value: 'info' }
]
var telemetry = empty(otlpEndpoint) ? [] : [{ name: 'OTEL_EXPORTER_OTLP_ENDPOINT', value: otlpEndpoint }]
var secrets = empty(webhookSecret) ? [] : [{ name: 'webhook-secret', value: webhookSecret }]
var secretSettings = empty(webhookSecret) ? [] : [{ name: 'WEBHOOK_SECRET', secretRef: 'webhook-secret' }]
var shared = concat(settings, telemetry, secretSettings)

// What the internet reaches holds no identity that only jobs act with. lib/config.ts says which those are.
var identitiesOfWeb = {
  type: 'UserAssigned'
  userAssignedIdentities: {
    '${identities.web.id}': {}
    '${identities.collector.id}': {}
    '${identities.registrar.id}': {}
    '${identities.granter.id}': {}
  }
}
var identitiesOfWorker = {
  type: 'UserAssigned'
  userAssignedIdentities: {
    '${identities.web.id}': {}
    '${identities.collector.id}': {}
    '${identities.registrar.id}': {}
    '${identities.planter.id}': {}
    '${identities.granter.id}': {}
    '${identities.drill.id}': {}
  }
}
var registries = [{ server: registryServer, identity: identities.web.id }]
var size = { cpu: json('1.0'), memory: '2Gi' }
var volumes = [{ name: 'data', storageType: 'EmptyDir' }]
var mounts = [{ volumeName: 'data', mountPath: '/data' }]

resource web 'Microsoft.App/containerApps@2024-03-01' = {
  name: 'ca-${prefix}-web'
  location: location
  tags: tags
  identity: identitiesOfWeb
  properties: {
    environmentId: environmentId
    workloadProfileName: 'Consumption'
    configuration: {
      activeRevisionsMode: 'Single'
      ingress: { external: true, targetPort: port, transport: 'auto', allowInsecure: false }
      registries: registries
      secrets: secrets
    }
    template: {
      terminationGracePeriodSeconds: 15
      volumes: volumes
      scale: { minReplicas: 1, maxReplicas: 3, rules: [{ name: 'requests', http: { metadata: { concurrentRequests: '50' } } }] }
      containers: [
        {
          name: 'web'
          image: image
          resources: size
          env: concat(shared, [
            { name: 'PORT', value: string(port) }
            { name: 'HOST', value: '0.0.0.0' }
            { name: 'RUN_JOBS', value: 'no' }
          ])
          volumeMounts: mounts
          probes: [
            { type: 'Startup', httpGet: { path: '/api/health', port: port }, periodSeconds: 15, failureThreshold: 10 }
            { type: 'Liveness', httpGet: { path: '/api/health', port: port }, periodSeconds: 30, timeoutSeconds: 5 }
            { type: 'Readiness', httpGet: { path: '/api/ready', port: port }, periodSeconds: 15, timeoutSeconds: 10 }
          ]
        }
      ]
    }
  }
}

// No port and no probe: a worker that stops answering loses its jobs to the others by itself.
resource worker 'Microsoft.App/containerApps@2024-03-01' = {
  name: 'ca-${prefix}-worker'
  location: location
  tags: tags
  identity: identitiesOfWorker
  properties: {
    environmentId: environmentId
    workloadProfileName: 'Consumption'
    configuration: {
      activeRevisionsMode: 'Single'
      registries: registries
      secrets: secrets
    }
    template: {
      terminationGracePeriodSeconds: 15
      volumes: volumes
      scale: { minReplicas: 2, maxReplicas: 2 }
      containers: [
        {
          name: 'worker'
          image: image
          args: ['scripts/worker.ts']
          resources: size
          env: shared
          volumeMounts: mounts
        }
      ]
    }
  }
}

output origin string = origin
