import "server-only";

/** Makes the drills that are due, and follows those under way. */
export const DRILLS_QUEUE = "drills";
/** The key of its scheduled job: one process works on it at a time, whoever has asked. */
export const DRILLS_KEY = "schedule";
/** Starts what the schedule wants. */
export const DRILL_SCHEDULE_QUEUE = "drill-schedule";
