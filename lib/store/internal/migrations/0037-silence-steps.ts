/** An incident of a silent vault has steps of its own. */
export const SILENCE_STEPS = `
alter table incident_step drop constraint incident_step_step_check;
alter table incident_step add constraint incident_step_step_check check (step in (
  'keep', 'identify', 'sessions', 'disable', 'rotate', 'replant',
  'setting', 'workspace', 'reading', 'change', 'arriving'
));
`;
