import { z } from "zod";

/** A query's answer as a person wants it: cells as JSON, and what it cost. */
export type QueryAnswer = z.infer<typeof QueryAnswer>;
export const QueryAnswer = z.object({
  columns: z.array(z.string()),
  rows: z.array(z.array(z.json())),
  stats: z.object({ rowsTouched: z.number(), runMilliseconds: z.number(), approximate: z.array(z.string()) }),
});
