/** A collected fact more: when a vault was last read so that its log has a row to show. */
export const HEARTBEAT = `
alter table vault_fact drop constraint vault_fact_fact_check;
alter table vault_fact add constraint vault_fact_fact_check check (fact in ('diagnostics', 'listing', 'heartbeat'));
`;
