/**
 * Signs of life of the workers, a row for each taking of items and no longer a column of each item: thousands of wide rows
 * were written anew every few seconds, and left as many dead ones behind.
 */
export const CLAIMS = `
create table deployment_claim (
  id text primary key,
  until timestamptz not null
);
create index deployment_item_claim on deployment_item (claim) where claim is not null;
update deployment_item set claim = null where claim is not null;
alter table deployment_item drop column claim_until;
`;
