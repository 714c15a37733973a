import type { AlertSeverity } from "./documents";

/** One kind of alert that Defender for Key Vault can raise. */
export interface AlertType {
  alertType: string;
  displayName: string;
  description: string;
  /** First stage of the kill chain that the reference names. */
  intent: "CredentialAccess" | "Discovery" | "InitialAccess";
  severity: AlertSeverity;
}

type Row = readonly [id: string, displayName: string, description: string];

const MEDIUM: readonly Row[] = [
  [
    "KV_SuspiciousIPAccess",
    "Access from a suspicious IP address to a key vault",
    "A key vault was reached from an address that threat intelligence knows as suspicious.",
  ],
  [
    "KV_TORAccess",
    "Access from a TOR exit node to a key vault",
    "A key vault was reached through an exit node of the TOR network, which hides where somebody calls from.",
  ],
  [
    "KV_OperationVolumeAnomaly",
    "High volume of operations in a key vault",
    "A user, application or vault carried out an unusual number of operations.",
  ],
  [
    "KV_PutGetAnomaly",
    "Suspicious policy change and secret query in a key vault",
    "The access policy of a vault was changed, and secrets were then read, by somebody who does not usually do that.",
  ],
  [
    "KV_ListGetAnomaly",
    "Suspicious secret listing and query in a key vault",
    "Secrets were listed and then read one by one, by somebody who does not usually do that.",
  ],
  [
    "KV_AppAnomaly",
    "Unusual application accessed a key vault",
    "A vault was reached by an application that does not usually use it.",
  ],
  [
    "KV_OperationPatternAnomaly",
    "Unusual operation pattern in a key vault",
    "The mixture of operations on a vault differs from the usual one.",
  ],
  ["KV_UserAnomaly", "Unusual user accessed a key vault", "A vault was reached by a user who does not usually use it."],
  [
    "KV_UserAppAnomaly",
    "Unusual user-application pair accessed a key vault",
    "A vault was reached by a user through an application, a pair that does not usually use it.",
  ],
  [
    "KV_AccountVolumeAnomaly",
    "User accessed high volume of key vaults",
    "A user or application reached an unusual number of vaults.",
  ],
  [
    "KV_UnusualAccessSuspiciousIP",
    "Unusual access to the key vault from a suspicious IP (Non-Microsoft or external)",
    "An unusual caller reached a vault from a suspicious address that is not Microsoft's.",
  ],
];

/** The reference of Defender for Key Vault: fourteen kinds of alert, none of them of high severity. */
export const ALERT_TYPES: readonly AlertType[] = [
  ...MEDIUM.map(
    ([alertType, displayName, description]): AlertType => ({
      alertType,
      displayName,
      description,
      intent: "CredentialAccess",
      severity: "Medium",
    }),
  ),
  {
    alertType: "KV_AccountVolumeAccessDeniedAnomaly",
    displayName: "Unusual access denied - User accessing high volume of key vaults denied",
    description: "A user or application was refused by an unusual number of vaults.",
    intent: "Discovery",
    severity: "Low",
  },
  {
    alertType: "KV_UserAccessDeniedAnomaly",
    displayName: "Unusual access denied - Unusual user accessing key vault denied",
    description: "A vault refused a user who does not usually use it.",
    intent: "InitialAccess",
    severity: "Low",
  },
  {
    alertType: "KV_SuspiciousIPAccessDenied",
    displayName: "Denied access from a suspicious IP to a key vault",
    description: "A vault refused a call from an address that threat intelligence knows as suspicious.",
    intent: "CredentialAccess",
    severity: "Low",
  },
];

/** Techniques of MITRE ATT&CK by stage. */
export const TECHNIQUES: Readonly<Record<AlertType["intent"], { techniques: string[]; subTechniques: string[] }>> = {
  CredentialAccess: { techniques: ["T1555"], subTechniques: ["T1555.006"] },
  Discovery: { techniques: ["T1526"], subTechniques: [] },
  InitialAccess: { techniques: ["T1078"], subTechniques: ["T1078.004"] },
};

export const REMEDIATION: readonly string[] = [
  "1. Find out whether the activity was expected, with the owner of the vault and the caller that the alert names.",
  "2. If it was not, disable the caller or its key, and rotate the secrets, keys and certificates that it reached.",
  "3. Look at the diagnostic log of the vault for everything else that the caller did.",
  "4. Take away access that is not needed, and close the vault's firewall to unknown networks.",
];
