/*
 * Limits that the board checks too. Apart from the schemas, so that its first load does not bring those along.
 */

/** Above this, vaults are chosen by a filter instead of one by one. */
export const CHOSEN_ONE_BY_ONE_MAX = 2_000;
