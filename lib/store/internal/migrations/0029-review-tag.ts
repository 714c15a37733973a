/** Since when a vault whose review tag is kept is red, why its tag could not be written, and scans that were asked for. */
export const REVIEW_TAG = `
create table review_tag (
  vault_id text primary key,
  red_since timestamptz,
  problem text
);
create table policy_scan (
  subscription_id text primary key,
  asked_at timestamptz not null,
  asked_by_name text not null
);
`;
