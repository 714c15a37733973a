#!/bin/sh
# What has to be there before main.bicep: the application registrations and the image. Safe to run again.
set -eu
cd "$(dirname "$0")/../.."

: "${AZURE_ENV_NAME:?is set by azd}" "${AZURE_LOCATION:?is set by azd}" "${AZURE_SUBSCRIPTION_ID:?is set by azd}"
: "${SENTINEL_WORKSPACE_RESOURCE_ID:?azd env set SENTINEL_WORKSPACE_RESOURCE_ID <resource id of the watched workspace>}"
az account set --subscription "$AZURE_SUBSCRIPTION_ID"

# The workspace tells its own GUID.
azd env set SENTINEL_WORKSPACE_ID \
  "$(az resource show --ids "$SENTINEL_WORKSPACE_RESOURCE_ID" --query properties.customerId --output tsv)"

registrations=$(infra/app-registration.sh "$AZURE_ENV_NAME")
for one in $registrations; do
  azd env set "${one%%=*}" "${one#*=}"
done

registry=$(az deployment sub create --name "registry-$AZURE_ENV_NAME" --location "$AZURE_LOCATION" \
  --template-file infra/registry.bicep \
  --parameters environmentName="$AZURE_ENV_NAME" location="$AZURE_LOCATION" \
  --query properties.outputs.loginServer.value --output tsv)
# A tag of its own for each source, so that a revision never changes under the same name. Also where there is no git.
tag=$(git rev-parse --short=12 HEAD 2>/dev/null) || tag=source
if [ -n "$(git status --porcelain 2>&1)" ]; then tag="$tag-$(date -u +%Y%m%d%H%M%S)"; fi
if ! az acr repository show --name "${registry%%.*}" --image "console:$tag" --output none 2>/dev/null; then
  az acr build --registry "${registry%%.*}" --image "console:$tag" --output none .
fi
azd env set CONTAINER_IMAGE "$registry/console:$tag"
