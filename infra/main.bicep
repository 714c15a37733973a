targetScope = 'subscription'

@description('Short name of this set-up; part of every resource name, which readers of the subscription see.')
@minLength(2)
@maxLength(16)
param environmentName string

@description('Region of everything that is made here.')
param location string

// The next five are needed. They are empty by default since `azd up` asks for whatever has no default before it runs
// hooks/before-provision.sh, which finds or makes all of them but the resource id, and says so if that one is missing.

@description('Image of the product with its tag, in the registry of this set-up.')
param image string = ''

@description('Client ids of the two app registrations. app-registration.sh makes them.')
param spaClientId string = ''
param apiClientId string = ''

@description('Resource id and workspace id (a GUID) of the watched Log Analytics workspace with Microsoft Sentinel.')
param workspaceResourceId string = ''
param workspaceCustomerId string = ''

@description('Subscriptions, comma separated, in whose vaults honeytokens may be planted. Empty: this subscription.')
param watchedSubscriptionIds string = ''

@description('Give the collector Reader at this management group instead of at each watched subscription.')
param managementGroupId string = ''

@description('Where people open the product, as https://honeytokens.example.com. Empty: the name that Container Apps gives.')
param appOrigin string = ''

@description('A virtual network of its own, in which the database has no public address.')
param privateNetwork string = 'true'

@description('The product can be reached from the virtual network, and networks joined to it, only. Needs privateNetwork.')
param internalIngress string = 'false'

@description('Subscriptions, resource groups or single private endpoints, separated by commas, whose endpoints the virtual network resolves and reaches.')
param privateEndpointScopes string = ''

@description('The granter may also write access policies. Azure cannot constrain that: see docs/identities.md.')
param accessPolicyVaults string = 'false'

@description('Alias of the watchlist that holds the register. The name is a tell: choose your own.')
param watchlistAlias string = 'HoneyTokens'

@description('Base address of an OpenTelemetry collector (OTLP over HTTP); empty: nothing is sent.')
param otlpEndpoint string = ''

@description('Signs what is sent to the webhook, 16 characters or more; empty: nothing is sent.')
@secure()
param webhookSecret string = ''

var tags = { 'azd-env-name': environmentName }
var suffix = take(uniqueString(subscription().id, environmentName), 8)
var isPrivate = privateNetwork == 'true'
var isInternal = isPrivate && internalIngress == 'true'
var watched = empty(watchedSubscriptionIds)
  ? [subscription().subscriptionId]
  : map(split(watchedSubscriptionIds, ','), id => toLower(trim(id)))
var plantRoleId = guid(tenant().tenantId, environmentName, 'plant')
var retireRoleId = guid(tenant().tenantId, environmentName, 'retire')
var workspaceParts = split(workspaceResourceId, '/')

resource group 'Microsoft.Resources/resourceGroups@2024-03-01' = {
  name: 'rg-${environmentName}'
  location: location
  tags: tags
}

module registry 'modules/registry.bicep' = {
  scope: group
  name: 'registry'
  params: {
    name: 'cr${replace(environmentName, '-', '')}${suffix}'
    location: location
    tags: tags
  }
}

module identities 'modules/identities.bicep' = {
  scope: group
  name: 'identities'
  params: {
    prefix: environmentName
    location: location
    tags: tags
    registryName: registry.outputs.name
  }
}

module network 'modules/network.bicep' = if (isPrivate) {
  scope: group
  name: 'network'
  params: {
    name: 'vnet-${environmentName}'
    databaseServerName: 'psql-${environmentName}-${suffix}'
    location: location
    tags: tags
  }
}

module database 'modules/database.bicep' = {
  scope: group
  name: 'database'
  params: {
    name: 'psql-${environmentName}-${suffix}'
    location: location
    tags: tags
    administratorName: identities.outputs.web.name
    administratorObjectId: identities.outputs.web.principalId
    subnetId: isPrivate ? network!.outputs.databaseSubnetId : ''
    privateDnsZoneId: isPrivate ? network!.outputs.databaseZoneId : ''
  }
}

module appsEnvironment 'modules/environment.bicep' = {
  scope: group
  name: 'environment'
  params: {
    name: 'cae-${environmentName}'
    workspaceName: 'log-${environmentName}'
    location: location
    tags: tags
    subnetId: isPrivate ? network!.outputs.appsSubnetId : ''
    internal: isInternal
  }
}

module ingressNames 'modules/ingress-names.bicep' = if (isInternal) {
  scope: group
  name: 'ingress-names'
  params: {
    domain: appsEnvironment.outputs.defaultDomain
    address: appsEnvironment.outputs.staticIp
    networkId: network!.outputs.id
    networkName: 'vnet-${environmentName}'
    tags: tags
  }
}

module apps 'modules/apps.bicep' = {
  scope: group
  name: 'apps'
  params: {
    prefix: environmentName
    location: location
    tags: tags
    image: image
    registryServer: registry.outputs.loginServer
    environmentId: appsEnvironment.outputs.id
    origin: empty(appOrigin) ? 'https://ca-${environmentName}-web.${appsEnvironment.outputs.defaultDomain}' : appOrigin
    spaClientId: spaClientId
    apiClientId: apiClientId
    workspaceResourceId: workspaceResourceId
    workspaceCustomerId: workspaceCustomerId
    identities: {
      web: identities.outputs.web
      collector: identities.outputs.collector
      registrar: identities.outputs.registrar
      planter: identities.outputs.planter
      granter: identities.outputs.granter
      drill: identities.outputs.drill
    }
    databaseHost: database.outputs.host
    databaseName: database.outputs.databaseName
    plantRoleId: customRoles.outputs.plantRoleId
    retireRoleId: customRoles.outputs.retireRoleId
    watchlistAlias: watchlistAlias
    outboundSubnetId: isPrivate ? network!.outputs.appsSubnetId : ''
    privateEndpointScopes: privateEndpointScopes
    otlpEndpoint: otlpEndpoint
    webhookSecret: webhookSecret
  }
}

module workspaceRoles 'modules/roles-workspace.bicep' = {
  scope: resourceGroup(workspaceParts[2], workspaceParts[4])
  name: 'workspace-roles-${environmentName}'
  params: {
    workspaceName: workspaceParts[8]
    collectorObjectId: identities.outputs.collector.principalId
    registrarObjectId: identities.outputs.registrar.principalId
  }
}

module customRoles 'modules/custom-roles.bicep' = {
  name: 'custom-roles-${environmentName}'
  params: {
    subscriptionIds: union([subscription().subscriptionId], watched)
    plantRoleId: plantRoleId
    retireRoleId: retireRoleId
    granterRoleId: guid(tenant().tenantId, environmentName, 'granter')
    accessPolicyVaults: accessPolicyVaults == 'true'
  }
}

module subscriptionRoles 'modules/roles-subscription.bicep' = [
  for id in watched: {
    scope: subscription(id)
    name: 'subscription-roles-${environmentName}'
    params: {
      collectorObjectId: empty(managementGroupId) ? identities.outputs.collector.principalId : ''
      granterObjectId: identities.outputs.granter.principalId
      planterObjectId: identities.outputs.planter.principalId
      drillObjectId: identities.outputs.drill.principalId
      granterRoleId: customRoles.outputs.granterRoleId
      plantRoleId: customRoles.outputs.plantRoleId
      retireRoleId: customRoles.outputs.retireRoleId
    }
  }
]

module managementGroupRoles 'modules/roles-management-group.bicep' = if (!empty(managementGroupId)) {
  scope: managementGroup(managementGroupId)
  name: 'group-roles-${environmentName}'
  params: {
    collectorObjectId: identities.outputs.collector.principalId
  }
}

output APP_ORIGIN string = apps.outputs.origin
output WEB_IDENTITY_PRINCIPAL_ID string = identities.outputs.web.principalId
output AZURE_RESOURCE_GROUP string = group.name
