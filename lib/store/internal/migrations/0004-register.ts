/**
 * The register as published: what the watchlist holds of each decoy, the month's changes, one upload at a time, and
 * where the two differ. Rows that were published before count as in doubt, so that the next write is always sent.
 */
export const REGISTER = `
alter table decoy add column published jsonb;
alter table decoy add column publishing text check (publishing in ('item', 'upload'));
alter table decoy add column publishing_at timestamptz;
alter table decoy add column broken text check (broken in ('deleted', 'disabled', 'expired'));
alter table decoy add column broken_at timestamptz;
update decoy set publishing = 'item', publishing_at = updated_at
  where window_start is not null or item_id is null;
create index decoy_being_planted on decoy (id) where published ->> 'State' = 'planting';

create table register_change (
  workspace text not null,
  month text not null,
  changes integer not null check (changes >= 0),
  primary key (workspace, month)
);

create table register_state (
  id integer primary key default 1 check (id = 1),
  upload_by text,
  upload_until timestamptz,
  compared_at timestamptz,
  asked_at timestamptz,
  problem text
);
insert into register_state (id) values (1);

create table register_drift (
  id text primary key,
  kind text not null check (kind in
    ('deleted', 'disabled', 'expired', 'expiring', 'missing', 'changed', 'foreign', 'leftover', 'duplicate')),
  subject text not null,
  decoy_id text references decoy (id),
  row_id text,
  vault_id text not null check (vault_id = lower(vault_id)),
  object_kind text not null check (object_kind in ('secret', 'key')),
  name text not null,
  detail text not null,
  found_at timestamptz not null,
  requested_at timestamptz,
  requested_by_tid text,
  requested_by_oid text,
  requested_by_name text,
  problem text,
  handled_at timestamptz,
  note text,
  repaired_at timestamptz
);
create unique index register_drift_open on register_drift (kind, subject) where repaired_at is null;
create index register_drift_decoy on register_drift (decoy_id);
create index register_drift_requested on register_drift (kind, requested_at) where requested_at is not null;
`;
