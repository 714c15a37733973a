/** What a condition of an automation rule can look at. Source: the API's description, `AutomationRules.json`. */
export const CONDITION_PROPERTIES = [
  ...["IncidentTitle", "IncidentDescription", "IncidentSeverity", "IncidentStatus", "IncidentRelatedAnalyticRuleIds"],
  ...["IncidentTactics", "IncidentLabel", "IncidentProviderName", "IncidentUpdatedBySource"],
  ...["IncidentCustomDetailsKey", "IncidentCustomDetailsValue", "AccountAadTenantId", "AccountAadUserId"],
  ...["AccountName", "AccountNTDomain", "AccountPUID", "AccountSid", "AccountObjectGuid", "AccountUPNSuffix"],
  ...["AlertProductNames", "AlertAnalyticRuleIds", "AzureResourceResourceId", "AzureResourceSubscriptionId"],
  ...["CloudApplicationAppId", "CloudApplicationAppName", "DNSDomainName", "FileDirectory", "FileName"],
  ...["FileHashValue", "HostAzureID", "HostName", "HostNetBiosName", "HostNTDomain", "HostOSVersion", "IoTDeviceId"],
  ...["IoTDeviceName", "IoTDeviceType", "IoTDeviceVendor", "IoTDeviceModel", "IoTDeviceOperatingSystem"],
  ...["IPAddress", "MailboxDisplayName", "MailboxPrimaryAddress", "MailboxUPN", "MailMessageDeliveryAction"],
  ...["MailMessageDeliveryLocation", "MailMessageRecipient", "MailMessageSenderIP", "MailMessageSubject"],
  ...["MailMessageP1Sender", "MailMessageP2Sender", "MalwareCategory", "MalwareName", "ProcessCommandLine"],
  ...["ProcessId", "RegistryKey", "RegistryValueData", "Url"],
] as const;
