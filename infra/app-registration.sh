#!/bin/sh
# Makes the two application registrations of docs/real-tenant.md, or brings them to this form. No secret is made: the API
# registration trusts the token of a managed identity instead. Needs az, signed in as somebody who may register
# applications and consent for the tenant. Safe to run again: everything is found by a name that the directory keeps unique.
#
#   app-registration.sh <set-up> [<origin>] [<object id of the web identity>]
#
# ADMINISTRATORS, ANALYSTS: object ids of people or groups that get the role Platform.Admin, Soc.Analyst.
# Prints AUTH_API_CLIENT_ID=… and AUTH_SPA_CLIENT_ID=….
set -eu

set_up=${1:?name of the set-up}
origin=${2:-}
web_identity=${3:-}

graph=$(az cloud show --query endpoints.microsoftGraphResourceId --output tsv)
graph=${graph%/}/v1.0
login=$(az cloud show --query endpoints.activeDirectory --output tsv)
tenant=$(az account show --query tenantId --output tsv)
case $(az cloud show --query name --output tsv) in
  AzureCloud) exchange=api://AzureADTokenExchange ;;
  AzureUSGovernment) exchange=api://AzureADTokenExchangeUSGov ;;
  *) echo "This cloud is not supported: use AzureCloud or AzureUSGovernment." >&2; exit 2 ;;
esac

# Ids within the API registration. They are the same at each run, so that a second run changes nothing.
scope_id=5a0b7f39-6f0e-4b0e-9d55-0f6a6c0e1b01
owner_role_id=5a0b7f39-6f0e-4b0e-9d55-0f6a6c0e1b02
analyst_role_id=5a0b7f39-6f0e-4b0e-9d55-0f6a6c0e1b03
admin_role_id=5a0b7f39-6f0e-4b0e-9d55-0f6a6c0e1b04

# Microsoft's own applications, by client id: what the API may do in the name of a person.
resource_manager=797f4846-ba00-4fd7-ba43-dac1f8f63013
key_vault=cfa8b339-82a2-471a-a3c9-0fc0be7a4093
log_analytics=ca7f3f0b-7d91-482c-8e09-c5d840d0eac5
# For the sign-in alone. It is in every tenant.
microsoft_graph=00000003-0000-0000-c000-000000000000

# again <command>: runs it until it succeeds, five times at most. The directory takes a moment until all of it knows what
# was just made; until then it says that there is no such object.
again() {
  left=5
  until "$@"; do
    left=$((left - 1))
    [ "$left" -gt 0 ] || return 1
    echo "The directory may not know yet what was just made: asking again in ten seconds." >&2
    sleep 10
  done
}

# upsert <address below graph> <JSON>: creates it, or changes what the JSON names.
upsert() {
  az rest --method patch --url "$graph/$1" --body "$2" --output none \
    --headers 'Content-Type=application/json' 'Prefer=create-if-missing'
}

# field <address below graph> <name>: one field of an object.
field() {
  az rest --method get --url "$graph/$1?\$select=$2" --query "$2" --output tsv
}

# scope_of <client id> <name>: id of a delegated permission; the application is brought into the tenant if it is not there,
# and left as it is if it is: it is not ours to change.
scope_of() {
  field "servicePrincipals(appId='$1')" id >/dev/null 2>&1 || az rest --method post --url "$graph/servicePrincipals" \
    --headers 'Content-Type=application/json' --body "{\"appId\": \"$1\"}" --output none
  id=$(az rest --method get --url "$graph/servicePrincipals(appId='$1')?\$select=oauth2PermissionScopes" \
    --query "oauth2PermissionScopes[?value=='$2'].id | [0]" --output tsv)
  [ -n "$id" ] || { echo "The application $1 has no permission $2." >&2; exit 1; }
  echo "$id"
}

# role <id> <value> <name>: an app role that people and groups can have.
role() {
  printf '{"id": "%s", "value": "%s", "displayName": "%s", "description": "%s", "allowedMemberTypes": ["User"], "isEnabled": true}' \
    "$1" "$2" "$3" "$3"
}

# permission <client id> <scope id>
permission() {
  printf '{"resourceAppId": "%s", "resourceAccess": [{"id": "%s", "type": "Scope"}]}' "$1" "$2"
}

# assign <principal> <role id>: gives the role unless the principal has it.
assign() {
  has=$(az rest --method get --url "$graph/servicePrincipals/$api_principal/appRoleAssignedTo" \
    --query "length(value[?principalId=='$1' && appRoleId=='$2'])" --output tsv)
  [ "$has" = 0 ] || return 0
  az rest --method post --url "$graph/servicePrincipals/$api_principal/appRoleAssignedTo" --output none \
    --headers 'Content-Type=application/json' \
    --body "{\"principalId\": \"$1\", \"resourceId\": \"$api_principal\", \"appRoleId\": \"$2\"}"
}

# granted <principal> <resource> <field>: of the tenant's consent to what that principal does at that resource (object ids).
granted() {
  az rest --method get --url "$graph/servicePrincipals/$1/oauth2PermissionGrants" \
    --query "value[?resourceId=='$2' && consentType=='AllPrincipals'] | [0].$3" --output tsv
}

# consent <principal> <client id of the resource> <name>: the tenant's consent to a delegated permission, beside those that
# it has given already. `az ad app permission admin-consent` knows the public cloud only.
consent() {
  resource=$(again field "servicePrincipals(appId='$2')" id)
  grant=$(granted "$1" "$resource" id)
  scopes=$(granted "$1" "$resource" scope)
  case " $scopes " in *" $3 "*) return 0 ;; esac
  if [ -n "$grant" ]; then
    az rest --method patch --url "$graph/oauth2PermissionGrants/$grant" --output none \
      --headers 'Content-Type=application/json' --body "{\"scope\": \"$scopes $3\"}"
    return
  fi
  again az rest --method post --url "$graph/oauth2PermissionGrants" --output none \
    --headers 'Content-Type=application/json' \
    --body "{\"clientId\": \"$1\", \"consentType\": \"AllPrincipals\", \"resourceId\": \"$resource\", \"scope\": \"$3\"}"
}

arm_scope=$(scope_of "$resource_manager" user_impersonation)
vault_scope=$(scope_of "$key_vault" user_impersonation)
logs_scope=$(scope_of "$log_analytics" Data.Read)

api="applications(uniqueName='$set_up-api')"
spa="applications(uniqueName='$set_up-web')"

# A list that has all three stays as it is: somebody may have added Microsoft Graph to it.
listed=$(az rest --method get --url "$graph/$api?\$select=requiredResourceAccess" --output tsv \
  --query "length(requiredResourceAccess[?contains('$resource_manager $key_vault $log_analytics', resourceAppId)])" \
  2>/dev/null) || listed=0
required=", \"requiredResourceAccess\": [$(permission $resource_manager "$arm_scope"), $(permission $key_vault "$vault_scope"),
  $(permission $log_analytics "$logs_scope")]"
[ "$listed" != 3 ] || required=
upsert "$api" "{
  \"displayName\": \"$set_up API\",
  \"signInAudience\": \"AzureADMyOrg\",
  \"appRoles\": [$(role $owner_role_id KeyVault.Owner 'Key Vault owner'), $(role $analyst_role_id Soc.Analyst 'SOC analyst'),
    $(role $admin_role_id Platform.Admin 'Administrator')]
  $required
}"
api_client=$(again field "$api" appId)
api_object=$(again field "$api" id)
upsert "$spa" "{
  \"displayName\": \"$set_up\",
  \"signInAudience\": \"AzureADMyOrg\",
  \"api\": {\"requestedAccessTokenVersion\": 2},
  \"requiredResourceAccess\": [$(permission "$api_client" $scope_id)]
}"
spa_client=$(again field "$spa" appId)

# The browser part is known to the API, so that nobody is asked for consent to it. First the scope, then who may use it.
scope="{\"id\": \"$scope_id\", \"value\": \"access_as_user\", \"type\": \"User\", \"isEnabled\": true,
  \"adminConsentDisplayName\": \"Act for the person\",
  \"adminConsentDescription\": \"See and change in Azure what the signed-in person may see and change.\"}"
upsert "$api" "{
  \"identifierUris\": [\"api://$api_client\"],
  \"api\": {\"requestedAccessTokenVersion\": 2, \"oauth2PermissionScopes\": [$scope]}
}"
again upsert "$api" "{
  \"api\": {\"requestedAccessTokenVersion\": 2, \"oauth2PermissionScopes\": [$scope], \"preAuthorizedApplications\": [{\"appId\": \"$spa_client\", \"delegatedPermissionIds\": [\"$scope_id\"]}]}
}"

again upsert "servicePrincipals(appId='$api_client')" '{"accountEnabled": true}'
again upsert "servicePrincipals(appId='$spa_client')" '{"accountEnabled": true}'
api_principal=$(again field "servicePrincipals(appId='$api_client')" id)
spa_principal=$(again field "servicePrincipals(appId='$spa_client')" id)

# An exchange on behalf of a person cannot ask that person, so the tenant consents once.
consent "$api_principal" "$resource_manager" user_impersonation
consent "$api_principal" "$key_vault" user_impersonation
consent "$api_principal" "$log_analytics" Data.Read
# And so that people can sign in to the browser part where the tenant lets nobody consent for themselves.
consent "$spa_principal" "$api_client" access_as_user
for name in openid profile offline_access; do consent "$spa_principal" "$microsoft_graph" "$name"; done

if [ -n "$origin" ]; then
  upsert "$spa" "{\"spa\": {\"redirectUris\": [\"$origin/auth/redirect\"]}}"
fi
if [ -n "$web_identity" ]; then
  upsert "applications/$api_object/federatedIdentityCredentials(name='web')" "{
    \"issuer\": \"${login%/}/$tenant/v2.0\",
    \"subject\": \"$web_identity\",
    \"audiences\": [\"$exchange\"]
  }"
fi
for principal in ${ADMINISTRATORS:-}; do assign "$principal" "$admin_role_id"; done
for principal in ${ANALYSTS:-}; do assign "$principal" "$analyst_role_id"; done

echo "AUTH_API_CLIENT_ID=$api_client"
echo "AUTH_SPA_CLIENT_ID=$spa_client"
