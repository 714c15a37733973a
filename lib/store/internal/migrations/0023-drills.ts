/**
 * Drills: touches made on purpose, each recorded before it is made; what was decided about the incidents that hold them;
 * and the figures of a day, counted from what happened.
 */
export const DRILLS = `
create table drill (
  id text primary key,
  vault_id text not null,
  decoy_id text references decoy (id),
  token_key text,
  kind text check (kind in ('secret', 'key')),
  origin text not null check (origin in ('person', 'schedule')),
  requested_by_tid text not null,
  requested_by_oid text not null,
  requested_by_name text not null,
  repeats_id text references drill (id),
  identity_oid text not null,
  state text not null check (state in ('queued', 'recorded', 'touched', 'seen', 'alerted', 'passed', 'failed', 'unreachable')),
  problem text,
  refused_by text check (refused_by in ('right', 'network')),
  requested_at timestamptz not null,
  not_before timestamptz not null,
  intended_at timestamptz,
  answered_at timestamptz,
  answer_status integer,
  request_id text,
  row_at timestamptz,
  row_ingested_at timestamptz,
  row_table text,
  alert_id text,
  alert_at timestamptz,
  incident_name text,
  incident_number integer,
  incident_at timestamptz,
  ended_at timestamptz
);
create unique index drill_under_way on drill (vault_id) where ended_at is null;
create index drill_of_vault on drill (vault_id, requested_at desc);
create index drill_intended on drill (intended_at);
create index drill_ended on drill (ended_at);

create table drill_incident (
  name text primary key,
  number integer,
  decision text not null check (decision in ('closed', 'closed_already', 'commented', 'raised', 'reopened')),
  reason text not null,
  alert_ids jsonb not null,
  decided_at timestamptz not null,
  look_again_at timestamptz,
  looked_again_at timestamptz
);
create index drill_incident_look_again on drill_incident (look_again_at) where look_again_at is not null;

create table outcome_day (
  day text primary key,
  figures jsonb not null,
  counted_at timestamptz not null
);
`;
