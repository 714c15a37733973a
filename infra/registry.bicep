targetScope = 'subscription'

// What has to be there before the rest: the image is built in this registry. The names are those of main.bicep, which
// declares both again.

param environmentName string
param location string

var tags = { 'azd-env-name': environmentName }
var suffix = take(uniqueString(subscription().id, environmentName), 8)

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

output name string = registry.outputs.name
output loginServer string = registry.outputs.loginServer
