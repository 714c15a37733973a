/** Set-ups that were carried out, and what each of their steps came to. */
export const SET_UP = `
create table setup_run (
  id text primary key,
  state text not null check (state in ('running', 'waiting', 'done', 'partly', 'cancelled')),
  requested_by_tid text not null,
  requested_by_oid text not null,
  requested_by_name text not null,
  choice jsonb not null,
  note text,
  claim text,
  claim_until timestamptz,
  cancelled_by_name text,
  created_at timestamptz not null,
  ended_at timestamptz
);
create unique index setup_run_one on setup_run ((ended_at is null)) where ended_at is null;
create table setup_step (
  run_id text not null references setup_run (id) on delete cascade,
  position integer not null,
  step text not null,
  title text not null,
  state text not null
    check (state in ('queued', 'running', 'written', 'unchanged', 'failed', 'skipped', 'cancelled')),
  detail text not null default '',
  data jsonb not null,
  started_at timestamptz,
  ended_at timestamptz,
  primary key (run_id, position)
);
`;
