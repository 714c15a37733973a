/** Permissions of Microsoft Graph's security API, delegated and for applications alike. */
export const GRAPH_SECURITY = [
  "SecurityIncident.Read.All",
  "SecurityIncident.ReadWrite.All",
  "SecurityAlert.Read.All",
  "SecurityAlert.ReadWrite.All",
] as const;

/** Permission of Microsoft Graph to read app registrations, service principals and who holds their app roles. */
export const GRAPH_DIRECTORY = ["Application.Read.All"] as const;
