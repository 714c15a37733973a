import { z } from "zod";

/** The last moment that Azure's dates can name: the year 9999 ends. */
const LAST = Date.UTC(10_000, 0) - 1;

/** A date of a request, as milliseconds since 1970. */
export const Moment = z.iso
  .datetime({ offset: true })
  .transform((text) => Date.parse(text))
  .refine((at) => at >= 0 && at <= LAST, "must lie between 1970 and 9999");
