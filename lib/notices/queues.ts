import "server-only";

/** Looks for new incidents and for vaults that turned red. */
export const LOOK_QUEUE = "notices-look";
/** Sends what waits for the webhook. */
export const SEND_QUEUE = "webhook-send";
