/**
 * Decoys as a whole: what each carries beside its name, the versions that it gets over time, and the deployments that
 * write them; and the moment at which a vault's turn comes when a deployment is spread.
 */
export const WHOLE_DECOYS = `
alter table decoy add column attributes jsonb not null default '{}';
alter table decoy add column history jsonb;
alter table decoy add column renew_at timestamptz;
create index decoy_renew_at on decoy (renew_at) where renew_at is not null;

create table decoy_renewal (
  id text primary key,
  decoy_id text not null references decoy (id),
  item_id text not null references deployment_item (id),
  current_made_at timestamptz,
  first_sent_at timestamptz,
  sent_at timestamptz,
  version text,
  value_hash text,
  expires_at timestamptz,
  created_at timestamptz not null,
  unique (item_id, decoy_id)
);
create index decoy_renewal_decoy on decoy_renewal (decoy_id);

alter table deployment_item add column moment timestamptz;
alter table deployment drop constraint deployment_operation_check;
alter table deployment add constraint deployment_operation_check check (operation in ('plant', 'retire', 'replace', 'renew'));
`;
