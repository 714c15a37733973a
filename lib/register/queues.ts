import "server-only";

/** Compares the register with what is published. */
export const COMPARE_QUEUE = "register-compare";
/** Repairs the findings that somebody asked for. */
export const REPAIR_QUEUE = "register-repair";
/** Publishes exceptions of callers, and takes away those that are over. */
export const EXCEPTIONS_QUEUE = "register-exceptions";
