/**
 * The lower-case name of a decoy that the product chose, which no other vault is given. Null for what a person named, what
 * came from the published register, and what was chosen before: among those one name may stand twice already.
 */
export const CHOSEN_NAMES = `
alter table decoy add column chosen_name text;
create unique index decoy_chosen_name on decoy (chosen_name) where chosen_name is not null;
`;
