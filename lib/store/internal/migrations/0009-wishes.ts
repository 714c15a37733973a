/** Vaults that somebody wants collected before all others: kept in the store, since the collector may be another process. */
export const WISHES = `
create table collection_wish (
  vault_id text primary key check (vault_id = lower(vault_id)),
  asked_at timestamptz not null
);
`;
