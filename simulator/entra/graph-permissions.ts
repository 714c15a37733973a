/** Permissions of Microsoft Graph's security API, delegated and for applications alike. */
export const GRAPH_SECURITY = [
  "SecurityIncident.Read.All",
  "SecurityIncident.ReadWrite.All",
  "SecurityAlert.Read.All",
  "SecurityAlert.ReadWrite.All",
] as const;
