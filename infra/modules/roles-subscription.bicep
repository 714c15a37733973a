targetScope = 'subscription'

@description('Empty: the collector reads through a management group.')
param collectorObjectId string
param granterObjectId string
param planterObjectId string
param drillObjectId string
param granterRoleId string
param plantRoleId string
param retireRoleId string

// Reader
var readerRoleId = 'acdd72a7-3385-48ef-bd42-f606fba81ae7'

// Which role may be given, and taken back, and to whom: the custom ones to the planter, Key Vault Secrets User and Key Vault
// Reader to the drill. The words of docs/real-tenant.md.
var conditionText = '''
(!(ActionMatches{'Microsoft.Authorization/roleAssignments/write'})
 OR (@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {$PLANT, $RETIRE}
     AND @Request[Microsoft.Authorization/roleAssignments:PrincipalId] ForAnyOfAnyValues:GuidEquals {$PLANTER})
 OR (@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {4633458b-17de-408a-b874-0445c86b69e6, 21090545-7ca7-4776-b22c-e363652d74d2}
     AND @Request[Microsoft.Authorization/roleAssignments:PrincipalId] ForAnyOfAnyValues:GuidEquals {$DRILL}))
AND
(!(ActionMatches{'Microsoft.Authorization/roleAssignments/delete'})
 OR (@Resource[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {$PLANT, $RETIRE}
     AND @Resource[Microsoft.Authorization/roleAssignments:PrincipalId] ForAnyOfAnyValues:GuidEquals {$PLANTER})
 OR (@Resource[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {4633458b-17de-408a-b874-0445c86b69e6, 21090545-7ca7-4776-b22c-e363652d74d2}
     AND @Resource[Microsoft.Authorization/roleAssignments:PrincipalId] ForAnyOfAnyValues:GuidEquals {$DRILL}))
'''
var withPlanter = replace(conditionText, '$PLANTER', planterObjectId)
var withPlant = replace(withPlanter, '$PLANT', plantRoleId)
var withRetire = replace(withPlant, '$RETIRE', retireRoleId)
var condition = replace(withRetire, '$DRILL', drillObjectId)

resource reader 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(collectorObjectId)) {
  name: guid(subscription().id, collectorObjectId, readerRoleId)
  properties: {
    principalId: collectorObjectId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', readerRoleId)
  }
}

resource granter 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(subscription().id, granterObjectId, granterRoleId)
  properties: {
    principalId: granterObjectId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', granterRoleId)
    conditionVersion: '2.0'
    condition: condition
  }
}
