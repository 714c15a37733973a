import "server-only";
import { pino } from "pino";

/** The product's only log. */
export const log = pino({ name: "honeytokens" });
