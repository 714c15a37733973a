param prefix string
param location string
param tags object
param registryName string

// One for each row of docs/identities.md, and `web`: it signs for the API registration and in the database, pulls the
// image, and has no right on anything that is watched. An identity keeps its name, which readers see, so none says here
// what it is for.
resource web 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: 'id-${prefix}-web'
  location: location
  tags: tags
}

resource collector 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: 'id-${prefix}-inventory'
  location: location
  tags: tags
}

resource registrar 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: 'id-${prefix}-records'
  location: location
  tags: tags
}

resource planter 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: 'id-${prefix}-provisioning'
  location: location
  tags: tags
}

resource granter 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: 'id-${prefix}-access'
  location: location
  tags: tags
}

resource drill 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: 'id-${prefix}-probe'
  location: location
  tags: tags
}

resource registry 'Microsoft.ContainerRegistry/registries@2023-07-01' existing = {
  name: registryName
}

// AcrPull
var pullRoleId = '7f951dda-4ed3-4680-a7ca-43fe172d538d'

resource pull 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: registry
  name: guid(registry.id, web.id, pullRoleId)
  properties: {
    principalId: web.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', pullRoleId)
  }
}

output web object = identityOf(web.id, web.name, web.properties.clientId, web.properties.principalId)
output collector object = identityOf(collector.id, collector.name, collector.properties.clientId, collector.properties.principalId)
output registrar object = identityOf(registrar.id, registrar.name, registrar.properties.clientId, registrar.properties.principalId)
output planter object = identityOf(planter.id, planter.name, planter.properties.clientId, planter.properties.principalId)
output granter object = identityOf(granter.id, granter.name, granter.properties.clientId, granter.properties.principalId)
output drill object = identityOf(drill.id, drill.name, drill.properties.clientId, drill.properties.principalId)

func identityOf(id string, name string, clientId string, principalId string) object => {
  id: id
  name: name
  clientId: clientId
  principalId: principalId
}
