/** What people recorded about the containment of an incident: never changed, what comes last counts. */
export const INCIDENT_STEPS = `
create table incident_step (
  id bigserial primary key,
  incident text not null,
  step text not null check (step in ('keep', 'identify', 'sessions', 'disable', 'rotate', 'replant')),
  act text not null check (act in ('request', 'approve', 'refuse', 'done', 'undo')),
  note text not null,
  by_oid text not null,
  by_name text not null,
  at timestamptz not null
);
create index incident_step_by_incident on incident_step (incident, id);
`;
