import "server-only";
import type { ColumnType, Generated, JSONColumnType } from "kysely";

type Timestamp = ColumnType<Date, Date | string, Date | string>;

/** One row: the tenant that this store belongs to. Another tenant is refused. */
export interface TenantTable {
  id: Generated<number>;
  tenant_id: string;
  /** Key of the hashes in `decoy.value_hash`, base64url; made with the store and never leaves it. */
  hash_key: string;
  created_at: Timestamp;
}

/** registered = in the register, no write was sent; planting = a write was sent; live = written and published. */
export type DecoyState = "registered" | "planting" | "live" | "retiring" | "retired" | "failed";

export type BrokenBy = "deleted" | "disabled" | "expired";

/** The register: the working copy of what the Sentinel watchlist publishes. */
export interface DecoyTable {
  id: string;
  /** Normalised vault id. */
  vault_id: string;
  kind: "secret" | "key";
  name: string;
  /**
   * Its name in lower case where the product chose it, which no other decoy was or is given, whatever became of this one;
   * null where a person did, and when imported.
   */
  chosen_name: string | null;
  /** Normalised vault id + /secrets|keys/ + lower-case name; unique among those that are not retired or failed. */
  token_key: string;
  state: DecoyState;
  /** GUID of the row in the watchlist. */
  watchlist_item_id: string;
  planter_oid: string | null;
  window_start: Timestamp | null;
  window_end: Timestamp | null;
  /** When its first and its latest write were about to be sent; recorded before they are. */
  first_sent_at: Timestamp | null;
  sent_at: Timestamp | null;
  /** Version id from the write's own answer, or from the one audit row that proves it ours. Null = not known written. */
  version: string | null;
  /** Keyed hash of the value, to recognise a leak. Never the value. */
  value_hash: string | null;
  expires_at: Timestamp | null;
  /** What it carries beside its name, chosen with it: `DecoyAttributes`. Empty when imported. */
  attributes: ColumnType<Record<string, unknown>, string | undefined, string>;
  /** The further versions that it gets: a `PlannedHistory`; null = none. */
  history: ColumnType<Record<string, unknown> | null, string | null | undefined, string | null>;
  /** When the next of them is due at the latest; null = none is. */
  renew_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
  /** Deployment item that planted it; null when imported. */
  item_id: string | null;
  /** Deployment item that removes it. */
  retire_item_id: string | null;
  /** When its deletion was answered, and until when Azure can bring it back. */
  deleted_at: Timestamp | null;
  recoverable_until: Timestamp | null;
  /** Its row in the watchlist as last acknowledged, by column; null = none, or not known. */
  published: ColumnType<Record<string, string> | null, string | null | undefined, string | null>;
  /** A change of its row was sent and not acknowledged: under its own id, or in an upload. Null = nothing in doubt. */
  publishing: ColumnType<"item" | "upload" | null, "item" | "upload" | null | undefined, "item" | "upload" | null>;
  /** When its row was last about to be changed. */
  publishing_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
  /** What somebody did to it, as a person has confirmed; the log forgets after three months, this does not. */
  broken: ColumnType<BrokenBy | null, BrokenBy | null | undefined, BrokenBy | null>;
  broken_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
  confirmed_at: Timestamp | null;
  created_at: Timestamp;
  updated_at: Timestamp;
}

/** What looks into a scheduled decoy's vault have shown of its neighbours. */
export interface NeighbourMemoryTable {
  decoy_id: string;
  looked_at: ColumnType<Date, Date, Date>;
  /** What is known of the versions of each: a list of `Remembered`. */
  neighbours: ColumnType<unknown, string, string>;
}

/** One further version of a decoy: what is about to be written and what was, by one deployment item. */
export interface DecoyRenewalTable {
  id: string;
  decoy_id: string;
  item_id: string;
  /** When the version before it was made, as the vault's list said right before the write; null = not looked yet. */
  current_made_at: Timestamp | null;
  /** When its first and its latest write were about to be sent; recorded before they are. */
  first_sent_at: Timestamp | null;
  sent_at: Timestamp | null;
  /** Version id; null = not known written. */
  version: string | null;
  /** Keyed hash of the value, to recognise a leak. Never the value. */
  value_hash: string | null;
  expires_at: Timestamp | null;
  created_at: Timestamp;
}

/** A background fact of one vault, as collected. */
export interface VaultFactTable {
  vault_id: string;
  fact: "diagnostics" | "listing" | "heartbeat";
  data: JSONColumnType<Record<string, unknown>>;
  collected_at: Timestamp;
}

/** A vault that somebody wants collected before all others, since when. */
export interface CollectionWishTable {
  vault_id: string;
  asked_at: Timestamp;
}

export interface DeploymentTable {
  id: string;
  requested_by_tid: string;
  requested_by_oid: string;
  requested_by_name: string;
  operation: Generated<"plant" | "retire" | "replace" | "renew">;
  /** auto = decided for each vault by the plan. */
  kind: "auto" | "secret" | "key";
  /** Decoys per vault; null = as the settings say, drawn for each vault by the plan. */
  count: number | null;
  /** A name that an administrator chose; null = the product chooses. */
  name: string | null;
  /** What was asked for: a `FleetRequest`; empty for one vault. */
  request: ColumnType<Record<string, unknown>, string | undefined, string>;
  state:
    | "planning"
    | "planned"
    | "awaiting_approval"
    | "queued"
    | "running"
    | "paused"
    | "done"
    | "failed"
    | "needs_person"
    | "cancelled";
  /** What its plan comes to: `PlanTotals`; null while it is being made, and for one vault. */
  totals: ColumnType<Record<string, unknown> | null, string | undefined, string>;
  /** Vaults in it. */
  total: Generated<number>;
  /** Sentence for a person: why no plan could be made, or who refused. */
  problem: string | null;
  approval: Generated<"not_needed" | "needed" | "given" | "refused">;
  approval_reason: string | null;
  approved_by_oid: string | null;
  approved_by_name: string | null;
  approved_at: Timestamp | null;
  created_at: Timestamp;
  started_at: Timestamp | null;
  ended_at: Timestamp | null;
}

export interface DeploymentItemTable {
  id: string;
  deployment_id: string;
  vault_id: string;
  /** blocked and skipped: by the plan, so nothing is ever done there. */
  state: "planned" | "blocked" | "skipped" | "queued" | "running" | "done" | "failed" | "needs_person" | "cancelled";
  /** Null while it is not planned. */
  kind: "secret" | "key" | null;
  count: number | null;
  /** What the plan found: an `ItemPlan`. */
  plan: ColumnType<Record<string, unknown>, string | undefined, string>;
  /** Items of one chunk are one job: loaded together, carried side by side by one process. */
  chunk: Generated<number>;
  /** Counts up with each retry; names of what an earlier attempt made are not used again. */
  attempt: Generated<number>;
  /** Sentence for a person. */
  problem: string | null;
  /** Set when it was decided how it ends, before anything is undone; a killed process then goes on undoing. */
  ending: "failed" | "needs_person" | "cancelled" | null;
  not_before: Timestamp | null;
  /** When its turn comes in a spread deployment, drawn from the vault's own habits; null = not drawn, or not spread. */
  moment: ColumnType<Date | null, Date | null | undefined, Date | null>;
  /** What was known of the vault when the moment was drawn, and what is added meanwhile: a `Waiting`; null = nothing. */
  waiting: ColumnType<Record<string, unknown> | null, string | null | undefined, string | null>;
  /** The taking by which a process works on it; free where that has no row in `deployment_claim`. */
  claim: string | null;
  created_at: Timestamp;
  updated_at: Timestamp;
}

/** A worker's taking of items, which holds until then unless it gives a sign of life. One that is gone never comes back. */
export interface DeploymentClaimTable {
  id: string;
  until: Timestamp;
}

/** One recorded step of one item: the intent is written before the step is done. */
export interface DeploymentStepTable {
  item_id: string;
  step: string;
  state: "running" | "done" | "failed" | "skipped";
  detail: string;
  data: JSONColumnType<Record<string, unknown>>;
  started_at: Timestamp;
  ended_at: Timestamp | null;
}

/** A right that we gave, from before it is given until after it is taken back. */
export interface GrantTable {
  id: string;
  /** The item that needs it; null = shared by the items of a deployment. */
  item_id: string | null;
  deployment_id: string | null;
  /** The drill that needs it to read. */
  drill_id: string | null;
  /** Whom it is given to, lower case; null = the planting identity. */
  principal_oid: string | null;
  /** Normalised id of the vault or resource group at which it is given. */
  scope: string;
  /** Null when it is given at a group. */
  vault_id: string | null;
  model: "rbac" | "policies";
  /** Role assignment name (GUID) for RBAC. */
  assignment_id: string | null;
  /**
   * How the role is given: a plain assignment, a time-bound one, or a plain one because Azure refused a time-bound one
   * for want of a licence. Null for access policies.
   */
  given_as: "assignment" | "schedule" | "assignment_unlicensed" | null;
  /** Name (GUID) of the request for the time-bound role; null also where the role turned out to be held already. */
  request_id: string | null;
  /** When Azure ends the time-bound role by itself. */
  ends_at: Timestamp | null;
  /** What was added to the access policy of that identity: exactly this is removed. */
  added: JSONColumnType<{ secrets: string[]; keys: string[] }>;
  /** Its entry before, for the record. */
  before: JSONColumnType<Record<string, unknown>>;
  state: "intended" | "given" | "revoking" | "revoked";
  lease_until: Timestamp;
  created_at: Timestamp;
  updated_at: Timestamp;
}

/** Who did what. Every write leaves one. The database itself refuses to change or delete one. */
export interface AuditTable {
  id: Generated<string>;
  at: ColumnType<Date, Date | string, never>;
  tid: string;
  oid: string;
  who: string;
  action: string;
  vault_id: string | null;
  before: JSONColumnType<Record<string, unknown>>;
  after: JSONColumnType<Record<string, unknown>>;
  result: string;
}

/** A group of settings that somebody changed; one that is missing has its defaults. */
export interface SettingTable {
  name: string;
  value: JSONColumnType<Record<string, unknown>>;
  updated_by_oid: string;
  updated_by_name: string;
  updated_at: Timestamp;
}

/** Vaults that are left out of work on many vaults (exclusion), or that need no honeytoken (exemption). */
export interface VaultExceptionTable {
  id: string;
  kind: "exclusion" | "exemption";
  /** Normalised id of a vault, a resource group or a subscription. */
  scope: string;
  reason: string;
  created_by_oid: string;
  created_by_name: string;
  created_at: Timestamp;
  until: Timestamp;
  ended_by_name: string | null;
  /** Null when nobody ended it; it then ends by itself at `until`. */
  ended_at: Timestamp | null;
}

/** Item changes of the watchlists of a workspace in one month (UTC), counted before they are sent. */
export interface RegisterChangeTable {
  workspace: string;
  /** As 2026-11. */
  month: string;
  changes: number;
}

/** One row: who uploads just now, and when the register was last compared with what is published. */
export interface RegisterStateTable {
  id: Generated<number>;
  upload_by: string | null;
  upload_until: Timestamp | null;
  compared_at: Timestamp | null;
  /** When somebody last asked for a comparison. */
  asked_at: Timestamp | null;
  /** Why the last comparison could not be made: a sentence. */
  problem: string | null;
}

export type DriftKind =
  | "deleted"
  | "disabled"
  | "expired"
  | "expiring"
  | "missing"
  | "changed"
  | "foreign"
  | "leftover"
  | "duplicate"
  | "exception_foreign"
  | "exception_changed"
  | "exception_missing";

/** A difference between the register, what is published and what is in the vaults. */
export interface RegisterDriftTable {
  id: string;
  kind: DriftKind;
  /** What is found: the decoy's id, or the row's where it is about a row. */
  subject: string;
  decoy_id: string | null;
  /** Id of the row in the watchlist, where there is one. */
  row_id: string | null;
  /** Normalised vault id; `*` for an exception that holds everywhere. */
  vault_id: string;
  /** Null where it is about an exception's row. */
  object_kind: "secret" | "key" | null;
  exception_id: ColumnType<string | null, string | null | undefined, string | null>;
  name: string;
  /** Sentence for a person, without the name. */
  detail: string;
  found_at: Timestamp;
  /** When an administrator asked for its repair; null = nobody has, or it is done. */
  requested_at: Timestamp | null;
  requested_by_tid: string | null;
  requested_by_oid: string | null;
  requested_by_name: string | null;
  /** Why the last try to repair it failed. */
  problem: string | null;
  /** Somebody has decided about it, and it is still there: a marked decoy, a row left with a note. */
  handled_at: Timestamp | null;
  note: string | null;
  repaired_at: Timestamp | null;
}

/** A short address of a page as it was filtered when somebody shared it. */
export interface ShareLinkTable {
  id: string;
  /** Path and query of a page of ours. */
  path: string;
  created_by_oid: string;
  created_by_name: string;
  created_at: Timestamp;
  expires_at: Timestamp;
  last_used_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
  uses: Generated<number>;
  revoked_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
}

/** Touches of one caller on one decoy within a minute that no alert came of. */
export interface MissedTouchTable {
  id: string;
  /** Normalised vault id. */
  vault_id: string;
  token_key: string;
  decoy: string;
  /** Object id, else application id, else address: what the rule tells callers apart by. */
  caller: string;
  caller_name: string;
  minute: Timestamp;
  operations: JSONColumnType<string[]>;
  touches: number;
  first_touch: Timestamp;
  last_touch: Timestamp;
  found_at: Timestamp;
  /** When an alert was found after all; null = there is none. */
  resolved_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
}

/** One row: when touches were last compared with alerts, and why that failed since. */
export interface TouchComparisonTable {
  id: number;
  compared_at: ColumnType<Date | null, never, Date>;
  /** Rows that arrived until then were compared. */
  compared_until: ColumnType<Date | null, never, Date>;
  problem: string | null;
}

/** A caller whose expected touches count less: who, doing what, where, why, until when. */
export interface AlertExceptionTable {
  id: string;
  /** Object id in the directory, lower case. */
  caller_oid: string;
  /** As seen when it was confirmed; decides nothing. */
  caller_name: string;
  operations: ColumnType<string[], string, string>;
  /** Token key of one decoy, normalised id of one vault, or `*`. */
  scope: string;
  reason: string;
  valid_from: Timestamp;
  valid_until: Timestamp;
  /** Null = recovered from the published register, and nobody has confirmed it since. */
  confirmed_by_oid: string | null;
  confirmed_by_name: string;
  confirmed_at: Timestamp | null;
  created_at: Timestamp;
  /** Null when nobody ended it; it then ends by itself at `valid_until`. */
  ended_at: Timestamp | null;
  ended_by_name: string | null;
  /** Why its rows could not be published: a sentence. */
  problem: string | null;
}

/** One published row of an exception: one per operation. */
export interface AlertExceptionRowTable {
  id: string;
  exception_id: string;
  operation: string;
  /** GUID of the row in the watchlist. */
  watchlist_item_id: string;
  /** As last acknowledged, by column; null = none, or not known. */
  published: ColumnType<Record<string, string> | null, string | null, string | null>;
  /** When a change was sent that is not acknowledged; null = nothing in doubt. */
  publishing_at: Timestamp | null;
  /** When it was last acknowledged, or made. */
  changed_at: Timestamp;
}

/** A proposal that a person did not want; it comes back when its caller does more. */
export interface AlertProposalDismissalTable {
  caller_oid: string;
  operations: ColumnType<string[], string, string>;
  vaults: number;
}

/** What somebody recorded about a step of an incident's containment; the last one of a step says where it stands. */
export interface IncidentStepTable {
  id: Generated<string>;
  /** Lower-case GUID of the incident in Sentinel. */
  incident: string;
  step:
    | "keep"
    | "identify"
    | "sessions"
    | "disable"
    | "rotate"
    | "replant"
    | "setting"
    | "workspace"
    | "reading"
    | "change"
    | "arriving";
  act: "request" | "approve" | "refuse" | "done" | "undo";
  note: string;
  by_oid: string;
  by_name: string;
  at: Timestamp;
}

/** The state of a vault when it was last looked at for notices. */
export interface VaultWatchTable {
  vault_id: string;
  state: string;
  since: Timestamp;
}

/** What owners are told of a vault, without any decoy. One open one of a kind per vault. */
export interface NoticeTable {
  id: string;
  vault_id: string;
  kind: "turned_red" | "touched";
  /** When it happened last. */
  at: Timestamp;
  cleared_at: Timestamp | null;
}

/** A person has seen a notice; one that happened again later shows again. */
export interface NoticeDismissalTable {
  notice_id: string;
  tid: string;
  oid: string;
  at: Timestamp;
}

/** One row: how far the incidents have been looked through. */
export interface NoticeStateTable {
  id: Generated<number>;
  incidents_from: Timestamp | null;
  looked_at: Timestamp | null;
  /** Why the last look failed: a sentence. */
  problem: string | null;
}

/** An incident that was decided about: told where it is told at all, or kept back. */
export interface AnnouncedIncidentTable {
  incident: string;
  /** The gravest that it was decided about with. */
  severity: string;
  /** Nobody but the drill's own identity acted in it. */
  kept_back: boolean;
  /** Of the last decision. */
  at: Timestamp;
}

/** One message to the webhook, until it is taken or given up. */
export interface WebhookDeliveryTable {
  id: string;
  /** What it is about; the same thing is told once. */
  subject: string;
  event: string;
  /** The JSON text that is signed and sent. */
  body: string;
  state: "waiting" | "delivered" | "given_up";
  attempts: Generated<number>;
  created_at: Timestamp;
  next_at: Timestamp;
  last_at: Timestamp | null;
  /** Sentence. */
  last_answer: string | null;
}

export type DrillState =
  | "queued"
  | "recorded" // it is about to be sent, or was: the answer is not known
  | "touched"
  | "seen" // its row is in the log
  | "alerted"
  | "passed"
  | "failed"
  | "unreachable"; // the vault's network refused it, so what stands behind is not proven

/** One touch made on purpose; a second one is another row. */
export interface DrillTable {
  id: string;
  vault_id: string;
  /** Chosen and recorded right before the request. */
  decoy_id: string | null;
  token_key: string | null;
  kind: "secret" | "key" | null;
  origin: "person" | "schedule";
  requested_by_tid: string;
  requested_by_oid: string;
  requested_by_name: string;
  /** The attempt that was lost without an answer and without a row. */
  repeats_id: string | null;
  /** Object id of the identity that makes it, lower case. */
  identity_oid: string;
  state: DrillState;
  /** What was asked for: a read that the vault refuses, or one that a right for moments permits. */
  read: Generated<"denied" | "permitted">;
  /** A `DrillProblem`; null while there is none. */
  problem: string | null;
  /** What refused it, as far as it was answered. */
  refused_by: "right" | "network" | null;
  requested_at: Timestamp;
  not_before: Timestamp;
  /** Recorded before the request was sent, and when its answer came. */
  intended_at: Timestamp | null;
  answered_at: Timestamp | null;
  answer_status: number | null;
  /** The service's own id of the request, lower case. */
  request_id: string | null;
  /** Times of the service: of the audit row and its ingestion, of the alert, of the incident. */
  row_at: Timestamp | null;
  row_ingested_at: Timestamp | null;
  row_table: string | null;
  alert_id: string | null;
  alert_at: Timestamp | null;
  incident_name: string | null;
  incident_number: number | null;
  incident_at: Timestamp | null;
  ended_at: Timestamp | null;
}

export type DrillDecision = "closed" | "closed_already" | "commented" | "raised" | "reopened";

/** What was decided about an incident that holds a touch by the drill identity. */
export interface DrillIncidentTable {
  name: string;
  number: number | null;
  decision: DrillDecision;
  /** Sentence, without the name of a decoy. */
  reason: string;
  /** The alerts that it held when it was decided about. */
  alert_ids: JSONColumnType<string[]>;
  decided_at: Timestamp;
  look_again_at: Timestamp | null;
  looked_again_at: Timestamp | null;
}

/** The figures of one day (UTC, as 2026-11-30), as they were counted last. */
export interface OutcomeDayTable {
  day: string;
  figures: JSONColumnType<Record<string, unknown>>;
  counted_at: Timestamp;
}

/** A vault whose review tag the product keeps. */
export interface ReviewTagTable {
  vault_id: string;
  /** Since when it is seen to be red; null = it is not. */
  red_since: Timestamp | null;
  /** Why its tag could not be written the last time: a sentence. */
  problem: string | null;
}

/** A scan that somebody had Azure Policy make of a subscription. */
export interface PolicyScanTable {
  subscription_id: string;
  asked_at: Timestamp;
  asked_by_name: string;
}

/** One carrying out of the set-up; one at a time. */
export interface SetupRunTable {
  id: string;
  /** waiting = for somebody to go on with it in their name; partly = it has ended, and something failed. */
  state: "running" | "waiting" | "done" | "partly" | "cancelled";
  requested_by_tid: string;
  requested_by_oid: string;
  requested_by_name: string;
  /** A `SetupChoice`. */
  choice: JSONColumnType<Record<string, unknown>>;
  /** Why it waits: a sentence. */
  note: string | null;
  /** Whoever carries it out now, and until when that is believed. */
  claim: string | null;
  claim_until: Timestamp | null;
  /** Set as soon as somebody wants it to stop. */
  cancelled_by_name: string | null;
  created_at: Timestamp;
  ended_at: Timestamp | null;
}

/** One step of it, in the order of `position`. */
export interface SetupStepTable {
  run_id: string;
  position: number;
  /** Its id in the plan. */
  step: string;
  title: string;
  /** running is recorded before anything is written. */
  state: "queued" | "running" | "written" | "unchanged" | "failed" | "skipped" | "cancelled";
  /** A sentence. */
  detail: Generated<string>;
  /** What the preview showed and the step keeps to. */
  data: JSONColumnType<Record<string, unknown>>;
  started_at: Timestamp | null;
  ended_at: Timestamp | null;
}

export interface Database {
  tenant: TenantTable;
  decoy: DecoyTable;
  decoy_renewal: DecoyRenewalTable;
  neighbour_memory: NeighbourMemoryTable;
  vault_fact: VaultFactTable;
  collection_wish: CollectionWishTable;
  deployment: DeploymentTable;
  deployment_item: DeploymentItemTable;
  deployment_claim: DeploymentClaimTable;
  deployment_step: DeploymentStepTable;
  deployment_grant: GrantTable;
  register_change: RegisterChangeTable;
  register_state: RegisterStateTable;
  register_drift: RegisterDriftTable;
  audit: AuditTable;
  setting: SettingTable;
  vault_exception: VaultExceptionTable;
  share_link: ShareLinkTable;
  missed_touch: MissedTouchTable;
  touch_comparison: TouchComparisonTable;
  alert_exception: AlertExceptionTable;
  alert_exception_row: AlertExceptionRowTable;
  alert_proposal_dismissal: AlertProposalDismissalTable;
  vault_watch: VaultWatchTable;
  notice: NoticeTable;
  notice_dismissal: NoticeDismissalTable;
  notice_state: NoticeStateTable;
  announced_incident: AnnouncedIncidentTable;
  webhook_delivery: WebhookDeliveryTable;
  incident_step: IncidentStepTable;
  drill: DrillTable;
  drill_incident: DrillIncidentTable;
  outcome_day: OutcomeDayTable;
  review_tag: ReviewTagTable;
  policy_scan: PolicyScanTable;
  setup_run: SetupRunTable;
  setup_step: SetupStepTable;
}
