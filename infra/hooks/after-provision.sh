#!/bin/sh
# Ties the application registrations to what was made: the redirect address and the identity that signs. Safe to run again.
set -eu
cd "$(dirname "$0")/../.."

: "${AZURE_ENV_NAME:?is set by azd}" "${APP_ORIGIN:?is an output of main.bicep}"
: "${WEB_IDENTITY_PRINCIPAL_ID:?is an output of main.bicep}"
infra/app-registration.sh "$AZURE_ENV_NAME" "$APP_ORIGIN" "$WEB_IDENTITY_PRINCIPAL_ID" >/dev/null
echo "People open the product at $APP_ORIGIN"
