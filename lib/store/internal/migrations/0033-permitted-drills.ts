/**
 * Drills by a permitted read: the right for it is a grant like any other, which knows its drill and whom it was given to.
 * Without `principal_oid` that is the planting identity.
 */
export const PERMITTED_DRILLS = `
alter table drill add column read text not null default 'denied' check (read in ('denied', 'permitted'));
alter table deployment_grant add column drill_id text references drill (id);
alter table deployment_grant add column principal_oid text;
alter table deployment_grant add constraint deployment_grant_drill_principal
  check ((drill_id is null) or (principal_oid is not null));
create index deployment_grant_of_drill on deployment_grant (drill_id) where drill_id is not null;
`;
