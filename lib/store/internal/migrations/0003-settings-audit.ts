/**
 * The audit table takes rows and gives them, and nothing else, whoever asks: docs/decisions/0013. Its indexes serve the
 * search, newest first. Settings, and vaults that are left out or need no honeytoken.
 *
 * A function body stands on one line, because statements end where a line does.
 */
export const SETTINGS_AUDIT = `
create function audit_refuse_change() returns trigger language plpgsql as $$
begin raise exception 'The audit table is append-only: % is refused.', lower(tg_op) using errcode = 'insufficient_privilege'; end
$$;
create trigger audit_append_only before update or delete or truncate on audit
  for each statement execute function audit_refuse_change();
alter table audit enable always trigger audit_append_only;

drop index audit_at;
drop index audit_vault;
create index audit_newest on audit (at desc, id desc);
create index audit_who on audit (who, at desc, id desc);
create index audit_oid on audit (oid, at desc, id desc);
create index audit_action on audit (action, at desc, id desc);
create index audit_vault on audit (vault_id, at desc, id desc);
create index audit_vault_name on audit (substring(vault_id from '[^/]+$') text_pattern_ops) where vault_id is not null;
create index audit_not_ok on audit (at desc, id desc) where result <> 'ok';

create table setting (
  name text primary key,
  value jsonb not null,
  updated_by_oid text not null,
  updated_by_name text not null,
  updated_at timestamptz not null
);

create table vault_exception (
  id text primary key,
  kind text not null check (kind in ('exclusion', 'exemption')),
  scope text not null check (scope = lower(scope)),
  reason text not null,
  created_by_oid text not null,
  created_by_name text not null,
  created_at timestamptz not null,
  until timestamptz not null,
  ended_by_name text,
  ended_at timestamptz,
  check (until > created_at and until <= created_at + interval '367 days')
);
create index vault_exception_open on vault_exception (until) where ended_at is null;
`;
