import type { LogTable } from "../model";
import type { Column, KqlType } from "./kql/types";

/*
 * The columns of the workspace's tables, in the order of a `getschema`. Names and types of AZKVAuditLogs as its
 * reference lists them; AzureDiagnostics has the columns that Key Vault's rows bring into being, no matter which came
 * first, as in a workspace that has collected them for a while.
 */

const SHORT: Record<string, KqlType> = {
  s: "string",
  d: "datetime",
  l: "long",
  i: "int",
  r: "real",
  b: "bool",
  j: "dynamic",
};

/** `d:TimeGenerated s:Category,Level` -> columns; the letter before the colon is the type. */
function columns(text: string): Column[] {
  return text.split(/\s+/).flatMap((group) => {
    const [letter = "", names = ""] = group.split(":");
    return names.split(",").map((name) => ({ name, type: SHORT[letter] ?? "string" }));
  });
}

const LONG_CLAIMS = [
  "http_schemas_microsoft_com_identity_claims_objectidentifier_g",
  "http_schemas_xmlsoap_org_ws_2005_05_identity_claims_upn_s",
  "http_schemas_xmlsoap_org_ws_2005_05_identity_claims_name_s",
].map((claim) => `identity_claim_${claim}`);

export const TABLE_COLUMNS: Record<LogTable, readonly Column[]> = {
  AzureDiagnostics: columns(
    `s:TenantId d:TimeGenerated s:ResourceId,Category,ResourceGroup,SubscriptionId,ResourceProvider,Resource,ResourceType
     s:OperationName,OperationVersion,ResultType,ResultSignature,ResultDescription l:DurationMs s:CallerIPAddress,CorrelationId
     s:Level,id_s,requestUri_s,clientInfo_s r:httpStatusCode_d
     s:identity_claim_oid_g,identity_claim_appid_g,identity_claim_upn_s,identity_claim_unique_name_s,identity_claim_ipaddr_s
     s:identity_claim_idtyp_s,identity_claim_appidacr_s,identity_claim_xms_mirid_s,${LONG_CLAIMS.join(",")}
     b:isRbacAuthorized_b s:appliedAssignmentId_g b:isAccessPolicyMatch_b,isAddressAuthorized_b s:addrAuthType_s,subnetId_s
     s:privateEndpointId_s,trustedService_s,tlsVersion_s,keyProperties_type_s r:keyProperties_size_d
     b:keyProperties_attributes_enabled_b s:secretProperties_type_s b:secretProperties_attributes_enabled_b
     j:AdditionalFields s:SourceSystem,Type,_ResourceId`,
  ),
  AZKVAuditLogs: columns(
    `s:TenantId d:TimeGenerated s:ResultType,OperationName,ResultDescription,CorrelationId,CallerIpAddress,OperationVersion
     j:Identity,Properties,Nsp,KeyProperties,SecretProperties,CertificateProperties,CertificatePolicyProperties
     j:CertificateIssuerProperties,CertificateRequestProperties,StorageAccountProperties,StorageSasDefinitionProperties
     s:Id,Algorithm,ClientInfo,SubnetId i:HttpStatusCode s:RequestUri b:IsAddressAuthorized s:AddressAuthorizationType
     b:IsAccessPolicyMatch,IsRbacAuthorized s:AppliedAssignmentId,TrustedService,Tlsversion
     j:VaultProperties,Sku,NetworkAcls b:EnabledForDeployment,EnabledForDiskEncryption,EnabledForTemplateDeployment
     b:EnableSoftDelete i:SoftDeleteRetentionInDays b:EnableRbacAuthorization,EnablePurgeProtection s:HsmPoolResourceId
     s:ResultSignature i:DurationMs s:SourceSystem,Type,_ResourceId`,
  ),
  AzureActivity: columns(
    `s:TenantId,SourceSystem d:TimeGenerated s:CallerIpAddress,CategoryValue,CorrelationId,Authorization j:Authorization_d
     s:Claims j:Claims_d s:Level,OperationNameValue,Properties j:Properties_d s:Caller,EventDataId
     d:EventSubmissionTimestamp s:HTTPRequest,OperationId,ResourceGroup,ResourceProviderValue,ActivityStatusValue
     s:ActivitySubstatusValue,Hierarchy,SubscriptionId,OperationName,ActivityStatus,ActivitySubstatus,Category
     s:ResourceId,Resource,ResourceProvider,Type,_ResourceId`,
  ),
  SecurityAlert: columns(
    `s:TenantId d:TimeGenerated s:DisplayName,AlertName,AlertSeverity,Description,ProviderName,VendorName,VendorOriginalId
     s:SystemAlertId,ResourceId,SourceComputerId,AlertType,ConfidenceLevel r:ConfidenceScore b:IsIncident
     d:StartTime,EndTime,ProcessingEndTime s:RemediationSteps,ExtendedProperties,Entities,SourceSystem
     s:WorkspaceSubscriptionId,WorkspaceResourceGroup,ExtendedLinks,ProductName,ProductComponentName,AlertLink,Status
     s:CompromisedEntity,Tactics,Techniques,SubTechniques,Type`,
  ),
  SecurityIncident: columns(
    `s:TenantId d:TimeGenerated s:IncidentName,Title,Description,Severity,Status,Classification,ClassificationComment
     s:ClassificationReason j:Owner s:ProviderName,ProviderIncidentId d:FirstActivityTime,LastActivityTime
     d:FirstModifiedTime,LastModifiedTime,CreatedTime,ClosedTime i:IncidentNumber
     j:RelatedAnalyticRuleIds,AlertIds,BookmarkIds,Comments,Tasks,Labels s:IncidentUrl j:AdditionalData
     s:ModifiedBy,SourceSystem,Type`,
  ),
};

/** Names of the tables, for `union *` and `search`. */
export const LOG_TABLES: readonly LogTable[] = [
  "AzureDiagnostics",
  "AZKVAuditLogs",
  "AzureActivity",
  "SecurityAlert",
  "SecurityIncident",
];
