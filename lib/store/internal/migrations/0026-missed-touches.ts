/** Touches on decoys that no alert came of, and the one row that says when that was last looked for. */
export const MISSED_TOUCHES = `
create table missed_touch (
  id uuid primary key,
  vault_id text not null check (vault_id = lower(vault_id)),
  token_key text not null check (token_key = lower(token_key)),
  decoy text not null,
  caller text not null,
  caller_name text not null,
  minute timestamptz not null,
  operations jsonb not null,
  touches integer not null check (touches > 0),
  first_touch timestamptz not null,
  last_touch timestamptz not null,
  found_at timestamptz not null,
  resolved_at timestamptz,
  unique (token_key, caller, minute)
);
create index missed_touch_newest on missed_touch (last_touch desc);

create table touch_comparison (
  id integer primary key default 1 check (id = 1),
  compared_at timestamptz,
  compared_until timestamptz,
  problem text
);
insert into touch_comparison default values;
`;
