param workspaceName string
param collectorObjectId string
param registrarObjectId string

// Log Analytics Reader, Microsoft Sentinel Reader
var collectorRoleIds = ['73c42c96-874c-492b-b04d-ab87d138a893', '8d289c81-5878-46d4-8554-54e1e3d8b5cb']
// Microsoft Sentinel Contributor
var registrarRoleId = 'ab8e14d6-4a74-4a29-9ba8-549422addade'

resource workspace 'Microsoft.OperationalInsights/workspaces@2023-09-01' existing = {
  name: workspaceName
}

resource collector 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for roleId in collectorRoleIds: {
    scope: workspace
    name: guid(workspace.id, collectorObjectId, roleId)
    properties: {
      principalId: collectorObjectId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleId)
    }
  }
]

resource registrar 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: workspace
  name: guid(workspace.id, registrarObjectId, registrarRoleId)
  properties: {
    principalId: registrarObjectId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', registrarRoleId)
  }
}
