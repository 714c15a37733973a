import { z } from "zod";
import type { Context } from "../context";
import { AzureError, type Router, type SimRequest } from "../http";
import { auditValues } from "../loganalytics/row-shape";
import { writeLogRow } from "../loganalytics/workspace";
import { Random } from "../world/random";
import { visit } from "../world/traffic";
import { trafficSource } from "../world/traffic-source";
import { planOf } from "../world/world";

/** One call answers after a few seconds at most. */
const ROWS_MAX = 50_000;

const Wish = z.strictObject({
  rows: z.int().min(1).max(ROWS_MAX),
  from: z.iso.datetime({ offset: true }),
  until: z.iso.datetime({ offset: true }),
});

/**
 * `POST /sim/log-rows/fill`: writes so many audit rows of everyday visits, spread evenly over a span of time, as if the
 * vaults' callers had just been there. For whoever wants a full workspace: the way of each row is that of any other.
 */
export function routeFill<C extends { request: SimRequest; context: Context }>(router: Router<C>): void {
  router.on("POST", "/sim/log-rows/fill", ({ request, context }) => {
    const wish = Wish.safeParse(request.json());
    if (!wish.success || Date.parse(wish.data.from) > Date.parse(wish.data.until)) {
      const example = '{"rows": 1000, "from": "2026-10-01T00:00:00Z", "until": "2026-10-02T00:00:00Z"}';
      throw new AzureError(400, "BadRequest", `The body must be like ${example}, with ${ROWS_MAX} rows at most.`);
    }
    return { status: 200, body: { written: fill(context, wish.data) } };
  });
}

function fill(context: Context, wish: z.infer<typeof Wish>): number {
  const logging = planOf(context).vaults.filter(({ workspaceLogging }) => workspaceLogging !== undefined);
  if (logging.length === 0) return 0;
  const [from, until] = [Date.parse(wish.from), Date.parse(wish.until)];
  const random = new Random(`${context.settings.seed}/fill/${from}/${context.model.logRows.size}`);
  let written = 0;
  while (written < wish.rows) {
    const vault = random.pick(logging);
    const table = vault.workspaceLogging?.table ?? "AZKVAuditLogs";
    const timeOf = () => Math.floor(from + ((until - from) * written) / wish.rows);
    for (const event of visit(random, trafficSource(context, vault), timeOf())) {
      if (written === wish.rows) break;
      writeLogRow(context, table, auditValues(table, event), timeOf());
      written++;
    }
  }
  return written;
}
