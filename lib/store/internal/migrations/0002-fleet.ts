/**
 * Deployments over many vaults: planned before they start, approved, paused, cancelled, retried; of every kind of work;
 * with grants at a resource group.
 */
export const FLEET = `
alter table deployment drop constraint deployment_state_check;
alter table deployment drop constraint deployment_kind_check;
alter table deployment alter column count drop not null;
alter table deployment add constraint deployment_kind_check check (kind in ('auto', 'secret', 'key'));
alter table deployment add constraint deployment_state_check check (state in
  ('planning', 'planned', 'awaiting_approval', 'queued', 'running', 'paused', 'done', 'failed', 'needs_person', 'cancelled'));
alter table deployment add column operation text not null default 'plant' check (operation in ('plant', 'retire', 'replace'));
alter table deployment add column request jsonb not null default '{}';
alter table deployment add column totals jsonb;
alter table deployment add column total integer not null default 1;
alter table deployment add column started_at timestamptz;
alter table deployment add column problem text;
alter table deployment add column approval text not null default 'not_needed' check (approval in ('not_needed', 'needed', 'given', 'refused'));
alter table deployment add column approval_reason text;
alter table deployment add column approved_by_oid text;
alter table deployment add column approved_by_name text;
alter table deployment add column approved_at timestamptz;
update deployment set started_at = created_at;

alter table deployment_item drop constraint deployment_item_state_check;
alter table deployment_item add constraint deployment_item_state_check check (state in
  ('planned', 'blocked', 'skipped', 'queued', 'running', 'done', 'failed', 'needs_person', 'cancelled'));
alter table deployment_item drop constraint deployment_item_ending_check;
alter table deployment_item add constraint deployment_item_ending_check check (ending in ('failed', 'needs_person', 'cancelled'));
alter table deployment_item add column kind text check (kind in ('secret', 'key'));
alter table deployment_item add column count integer;
alter table deployment_item add column plan jsonb not null default '{}';
alter table deployment_item add column chunk integer not null default 0;
alter table deployment_item add column attempt integer not null default 1;
create index deployment_item_chunk on deployment_item (deployment_id, chunk) where state in ('queued', 'running');
create index deployment_item_state on deployment_item (deployment_id, state, vault_id);
update deployment_item set kind = (select kind from deployment where deployment.id = deployment_id),
  count = (select count from deployment where deployment.id = deployment_id);

alter table deployment_grant alter column item_id drop not null;
alter table deployment_grant add column scope text;
alter table deployment_grant add column deployment_id text references deployment (id);
update deployment_grant set scope = vault_id;
alter table deployment_grant alter column scope set not null;
alter table deployment_grant alter column vault_id drop not null;
create index deployment_grant_scope on deployment_grant (scope) where state <> 'revoked';

alter table decoy add column retire_item_id text references deployment_item (id);
alter table decoy add column deleted_at timestamptz;
alter table decoy add column recoverable_until timestamptz;
create index decoy_retire_item on decoy (retire_item_id) where retire_item_id is not null;
`;
