/**
 * Callers whose expected touches count less, with the rows that publish them; what owners are told; and what goes to
 * a chat tool.
 */
export const ALERT_EXCEPTIONS_NOTICES = `
create table alert_exception (
  id text primary key,
  caller_oid text not null check (caller_oid = lower(caller_oid)),
  caller_name text not null,
  operations jsonb not null,
  scope text not null check (scope = lower(scope)),
  reason text not null,
  valid_from timestamptz not null,
  valid_until timestamptz not null check (valid_until > valid_from),
  confirmed_by_oid text,
  confirmed_by_name text not null,
  confirmed_at timestamptz,
  created_at timestamptz not null,
  ended_at timestamptz,
  ended_by_name text,
  problem text
);
create index alert_exception_until on alert_exception (valid_until) where ended_at is null;

create table alert_exception_row (
  id text primary key,
  exception_id text not null references alert_exception (id),
  operation text not null,
  watchlist_item_id text not null unique,
  published jsonb,
  publishing_at timestamptz,
  changed_at timestamptz not null,
  unique (exception_id, operation)
);

create table alert_proposal_dismissal (
  caller_oid text primary key,
  operations jsonb not null,
  vaults integer not null,
  by_oid text not null,
  by_name text not null,
  at timestamptz not null
);

alter table register_drift alter column object_kind drop not null;
alter table register_drift add column exception_id text references alert_exception (id);
alter table register_drift drop constraint register_drift_kind_check;
alter table register_drift add constraint register_drift_kind_check check (kind in
  ('deleted', 'disabled', 'expired', 'expiring', 'missing', 'changed', 'foreign', 'leftover', 'duplicate',
   'exception_foreign', 'exception_changed', 'exception_missing'));

create table vault_watch (
  vault_id text primary key check (vault_id = lower(vault_id)),
  state text not null,
  since timestamptz not null
);

create table notice (
  id text primary key,
  vault_id text not null check (vault_id = lower(vault_id)),
  kind text not null check (kind in ('turned_red', 'touched')),
  at timestamptz not null,
  cleared_at timestamptz
);
create unique index notice_open on notice (vault_id, kind) where cleared_at is null;

create table notice_dismissal (
  notice_id text not null references notice (id),
  tid text not null,
  oid text not null,
  at timestamptz not null,
  primary key (notice_id, tid, oid)
);

create table notice_state (
  id integer primary key default 1 check (id = 1),
  incidents_from timestamptz,
  looked_at timestamptz,
  problem text
);

create table announced_incident (
  incident text primary key,
  severity text not null,
  kept_back boolean not null,
  at timestamptz not null
);

create table webhook_delivery (
  id text primary key,
  subject text not null unique,
  event text not null,
  body text not null,
  state text not null check (state in ('waiting', 'delivered', 'given_up')),
  attempts integer not null default 0,
  created_at timestamptz not null,
  next_at timestamptz not null,
  last_at timestamptz,
  last_answer text
);
create index webhook_delivery_due on webhook_delivery (next_at) where state = 'waiting';
create index webhook_delivery_newest on webhook_delivery (created_at);
`;
