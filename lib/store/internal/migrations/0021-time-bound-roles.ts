/** How a role was given: as a plain assignment, or as a time-bound one that Azure itself ends. */
export const TIME_BOUND_ROLES = `
alter table deployment_grant add column given_as text
  check (given_as in ('assignment', 'schedule', 'assignment_unlicensed'));
alter table deployment_grant add column request_id text;
alter table deployment_grant add column ends_at timestamptz;
update deployment_grant set given_as = 'assignment' where model = 'rbac';
alter table deployment_grant add constraint deployment_grant_given_as check ((model = 'rbac') = (given_as is not null));
`;
