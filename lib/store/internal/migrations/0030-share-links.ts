/** Short addresses of pages as they were filtered when somebody shared them. */
export const SHARE_LINKS = `
create table share_link (
  id text primary key,
  path text not null check (path like '/%' and path not like '//%'),
  created_by_oid text not null,
  created_by_name text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  last_used_at timestamptz,
  uses integer not null default 0,
  revoked_at timestamptz
);
create index share_link_person on share_link (created_by_oid, path);
`;
