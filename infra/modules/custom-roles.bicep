targetScope = 'subscription'

@description('Where the roles can be given. A role with data actions cannot be given at a management group.')
param subscriptionIds array
param plantRoleId string
param retireRoleId string
param granterRoleId string
param accessPolicyVaults bool

// The product makes both from the same file, so they cannot differ.
var roles = loadJsonContent('../../lib/deployments/custom-roles.json')
var scopes = [for id in subscriptionIds: '/subscriptions/${id}']

resource plant 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: plantRoleId
  properties: {
    roleName: roles.plant.name
    type: 'CustomRole'
    permissions: [{ actions: roles.plant.actions, notActions: [], dataActions: roles.plant.dataActions, notDataActions: [] }]
    assignableScopes: scopes
  }
}

resource retire 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: retireRoleId
  properties: {
    roleName: roles.retire.name
    type: 'CustomRole'
    permissions: [{ actions: roles.retire.actions, notActions: [], dataActions: roles.retire.dataActions, notDataActions: [] }]
    assignableScopes: scopes
  }
}

// Its assignments carry the condition of roles-subscription.bicep.
resource granter 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: granterRoleId
  properties: {
    roleName: 'Vault access provisioning'
    type: 'CustomRole'
    permissions: [
      {
        actions: concat(
          [
            'Microsoft.KeyVault/vaults/read'
            'Microsoft.Authorization/roleAssignments/read'
            'Microsoft.Authorization/roleAssignments/write'
            'Microsoft.Authorization/roleAssignments/delete'
          ],
          accessPolicyVaults ? ['Microsoft.KeyVault/vaults/accessPolicies/write'] : []
        )
        notActions: []
        dataActions: []
        notDataActions: []
      }
    ]
    assignableScopes: scopes
  }
}

output plantRoleId string = plant.name
output retireRoleId string = retire.name
output granterRoleId string = granter.name
