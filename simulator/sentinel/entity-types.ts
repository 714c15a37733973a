/**
 * Entities that a rule can map, with the identifiers of each. Types: `EntityMappingType` of the rules' description;
 * identifiers: the check of rule templates in Microsoft's public Sentinel repository, and "Microsoft Sentinel entity
 * types reference", Microsoft Learn.
 */
const ENTITY_IDENTIFIERS = {
  Account: names(
    "Name FullName NTDomain DnsDomain UPNSuffix Sid AadTenantId AadUserId PUID IsDomainJoined DisplayName ObjectGuid CloudAppAccountId",
  ),
  Host: names("DnsDomain NTDomain HostName FullName NetBiosName AzureID OMSAgentID OSFamily OSVersion IsDomainJoined"),
  IP: names("Address AddressScope"),
  Malware: names("Name Category"),
  File: names("Directory Name"),
  Process: names("ProcessId CommandLine ElevationToken CreationTimeUtc"),
  CloudApplication: names("AppId Name InstanceName"),
  DNS: names("DomainName"),
  AzureResource: names("ResourceId"),
  FileHash: names("Algorithm Value"),
  RegistryKey: names("Hive Key"),
  RegistryValue: names("Name Value ValueType"),
  SecurityGroup: names("DistinguishedName SID ObjectGuid"),
  URL: names("Url"),
  Mailbox: names("MailboxPrimaryAddress DisplayName Upn ExternalDirectoryObjectId RiskLevel"),
  MailCluster: names(
    "NetworkMessageIds CountByDeliveryStatus CountByThreatType CountByProtectionStatus Threats Query QueryTime MailCount IsVolumeAnomaly Source ClusterSourceIdentifier ClusterSourceType ClusterQueryStartTime ClusterQueryEndTime ClusterGroup",
  ),
  MailMessage: names(
    "Recipient Urls Threats Sender P1Sender P1SenderDisplayName P1SenderDomain SenderIP P2Sender P2SenderDisplayName P2SenderDomain ReceivedDate NetworkMessageId InternetMessageId Subject BodyFingerprintBin1 BodyFingerprintBin2 BodyFingerprintBin3 BodyFingerprintBin4 BodyFingerprintBin5 AntispamDirection DeliveryAction DeliveryLocation Language ThreatDetectionMethods",
  ),
  SubmissionMail: names(
    "NetworkMessageId Timestamp Recipient Sender SenderIp Subject ReportType SubmissionId SubmissionDate Submitter",
  ),
} satisfies Record<string, readonly string[]>;

/** Their names, as the enumeration spells them. */
export const ENTITY_TYPES: readonly string[] = Object.keys(ENTITY_IDENTIFIERS);

function names(list: string): readonly string[] {
  return list.split(" ");
}

interface Mapping {
  entityType: string;
  fieldMappings: { identifier: string }[];
}

/** What is wrong with the identifiers of a rule's mappings; undefined when nothing is. */
export function identifierFault(mappings: readonly Mapping[]): string | undefined {
  for (const { entityType, fieldMappings } of mappings) {
    const known = identifiersOf(entityType);
    const given = fieldMappings.map(({ identifier }) => identifier);
    const unknown = given.find((identifier) => !known.includes(identifier));
    if (unknown !== undefined) return `The given identifier '${unknown}' is not valid for entity '${entityType}'.`;
    const twice = given.find((identifier, at) => given.indexOf(identifier) !== at);
    if (twice !== undefined) return `The identifier '${twice}' is mapped more than once for entity '${entityType}'.`;
  }
  return undefined;
}

function identifiersOf(entityType: string): readonly string[] {
  return Object.entries(ENTITY_IDENTIFIERS).find(([type]) => type === entityType)?.[1] ?? [];
}
