import "server-only";

/** Compares the register with what is published. */
export const COMPARE_QUEUE = "register-compare";
/** Repairs the findings that somebody asked for. */
export const REPAIR_QUEUE = "register-repair";
