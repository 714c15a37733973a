/**
 * What a vault in a spread deployment waits for: `Waiting`. And what looks into the vaults of scheduled decoys have shown of
 * their neighbours' versions, so that a rhythm slower than the audit log is learnt: a list of `Remembered`.
 */
export const NEIGHBOURS = `
alter table deployment_item add column waiting jsonb;
create table neighbour_memory (
  decoy_id text primary key references decoy (id) on delete cascade,
  looked_at timestamptz not null,
  neighbours jsonb not null
);
create index neighbour_memory_looked on neighbour_memory (looked_at);
`;
