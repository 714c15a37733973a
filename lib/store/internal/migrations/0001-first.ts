/** The first form: tenant, deployments with their ledger, the register, collected facts, audit. */
export const FIRST = `
create table tenant (
  id integer primary key default 1 check (id = 1),
  tenant_id text not null,
  hash_key text not null,
  created_at timestamptz not null
);

create table deployment (
  id text primary key,
  requested_by_tid text not null,
  requested_by_oid text not null,
  requested_by_name text not null,
  kind text not null check (kind in ('secret', 'key')),
  count integer not null check (count between 1 and 5),
  name text,
  state text not null check (state in ('queued', 'running', 'done', 'failed', 'needs_person')),
  created_at timestamptz not null,
  ended_at timestamptz
);
create index deployment_newest on deployment (created_at desc);
create index deployment_requester on deployment (requested_by_oid, created_at desc);

create table deployment_item (
  id text primary key,
  deployment_id text not null references deployment (id),
  vault_id text not null check (vault_id = lower(vault_id)),
  state text not null check (state in ('queued', 'running', 'done', 'failed', 'needs_person')),
  problem text,
  ending text check (ending in ('failed', 'needs_person')),
  not_before timestamptz,
  claim text,
  claim_until timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index deployment_item_deployment on deployment_item (deployment_id);
create index deployment_item_vault on deployment_item (vault_id, created_at desc);
create unique index deployment_item_one_at_a_time on deployment_item (vault_id) where state in ('queued', 'running');

create table deployment_step (
  item_id text not null references deployment_item (id),
  step text not null,
  state text not null check (state in ('running', 'done', 'failed', 'skipped')),
  detail text not null,
  data jsonb not null,
  started_at timestamptz not null,
  ended_at timestamptz,
  primary key (item_id, step)
);

create table deployment_grant (
  id text primary key,
  item_id text not null references deployment_item (id),
  vault_id text not null,
  model text not null check (model in ('rbac', 'policies')),
  assignment_id text,
  added jsonb not null,
  before jsonb not null,
  state text not null check (state in ('intended', 'given', 'revoking', 'revoked')),
  lease_until timestamptz not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  check (model <> 'rbac' or assignment_id is not null)
);
create index deployment_grant_item on deployment_grant (item_id);
create index deployment_grant_open on deployment_grant (lease_until) where state <> 'revoked';

create table decoy (
  id text primary key,
  vault_id text not null check (vault_id = lower(vault_id)),
  kind text not null check (kind in ('secret', 'key')),
  name text not null,
  token_key text not null check (token_key = lower(token_key)),
  state text not null check (state in ('registered', 'planting', 'live', 'retiring', 'retired', 'failed')),
  watchlist_item_id text not null,
  planter_oid text,
  window_start timestamptz,
  window_end timestamptz,
  first_sent_at timestamptz,
  sent_at timestamptz,
  version text,
  value_hash text,
  expires_at timestamptz,
  item_id text references deployment_item (id),
  confirmed_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  check (window_end is null or window_end > window_start)
);
create unique index decoy_token_key on decoy (token_key) where state not in ('retired', 'failed');
create index decoy_vault on decoy (vault_id);
create index decoy_item on decoy (item_id);

create table vault_fact (
  vault_id text not null check (vault_id = lower(vault_id)),
  fact text not null check (fact in ('diagnostics', 'listing')),
  data jsonb not null,
  collected_at timestamptz not null,
  primary key (vault_id, fact)
);
create index vault_fact_age on vault_fact (fact, collected_at);

create table audit (
  id bigint generated always as identity primary key,
  at timestamptz not null,
  tid text not null,
  oid text not null,
  who text not null,
  action text not null,
  vault_id text,
  before jsonb not null,
  after jsonb not null,
  result text not null
);
create index audit_at on audit (at desc);
create index audit_vault on audit (vault_id, at desc);
`;
