import { z } from "zod";
import type { Context } from "../context";
import { AzureError, type Router, type SimRequest } from "../http";
import { type AuditEvent, auditValues } from "../loganalytics/row-shape";
import { hasColumn, writeArrivingRow } from "../loganalytics/workspace";
import type { Vault } from "../model";

/** One call answers after a second or two at most. */
const ROWS_MAX = 10_000;

const Time = z.iso.datetime({ offset: true });

const Row = z.strictObject({
  table: z.enum(["AzureDiagnostics", "AZKVAuditLogs"]),
  /** Name of a vault of the tenant. */
  vault: z.string().min(1).max(127),
  operation: z.string().min(1).max(200),
  status: z.int().min(100).max(599),
  requestUri: z.string().max(4000),
  objectUri: z.string().max(4000).optional(),
  at: Time,
  arrives: Time,
  caller: z
    .strictObject({
      oid: z.string().max(100),
      appId: z.string().max(100),
      kind: z.enum(["User", "ServicePrincipal"]),
      upn: z.string().max(1000).optional(),
      managedIdentityId: z.string().max(1000).optional(),
    })
    .optional(),
  callerAddress: z.string().max(200).default("203.0.113.9"),
  userAgent: z.string().max(4000).default(""),
  correlationId: z.string().max(100).default("00000000-0000-4000-8000-000000000000"),
  throughArm: z.boolean().optional(),
  /** Columns that replace those of the row. */
  values: z.record(z.string(), z.json()).optional(),
});
type Row = z.infer<typeof Row>;

const Wish = z.strictObject({ rows: z.array(Row).min(1).max(ROWS_MAX) });

/**
 * `POST /sim/log-rows`: writes audit rows of the watched workspace, each into the table and with the time of arrival that
 * is wished, whatever the vault's own settings and the tenant's delays are. All of them or, with a fault in one, none.
 */
export function routeReplay<C extends { request: SimRequest; context: Context }>(router: Router<C>): void {
  router.on("POST", "/sim/log-rows", ({ request, context }) => {
    const wish = Wish.safeParse(request.json());
    if (!wish.success) {
      const issue = wish.error.issues[0];
      throw refused(`${issue?.path.join(".") || "body"}: ${issue?.message ?? "invalid"}`);
    }
    const vaults = vaultsByName(context);
    const events = wish.data.rows.map((row, place) => checked(context, vaults, row, place));
    for (const { row, event } of events) {
      const values = { ...auditValues(row.table, event), ...row.values };
      writeArrivingRow(context, row.table, values, { at: Date.parse(row.at), ingestedAt: Date.parse(row.arrives) });
    }
    return { status: 200, body: { written: events.length } };
  });
}

function checked(context: Context, vaults: ReadonlyMap<string, Vault>, row: Row, place: number) {
  const vault = vaults.get(row.vault.toLowerCase());
  if (!vault) throw refused(`rows.${place}.vault: there is no vault ${row.vault}`);
  if (Date.parse(row.arrives) < Date.parse(row.at)) throw refused(`rows.${place}.arrives: before it happened`);
  if (Date.parse(row.arrives) < context.now()) throw refused(`rows.${place}.arrives: rules have passed that moment`);
  const unknown = Object.keys(row.values ?? {}).find((name) => !hasColumn(row.table, name));
  if (unknown !== undefined) throw refused(`rows.${place}.values: ${row.table} has no column ${unknown}`);
  return { row, event: eventOf(vault, row) };
}

function eventOf(vault: Vault, row: Row): AuditEvent {
  const { caller, objectUri, throughArm } = row;
  return {
    vault,
    operation: row.operation,
    status: row.status,
    requestUri: row.requestUri,
    callerAddress: row.callerAddress,
    userAgent: row.userAgent,
    correlationId: row.correlationId,
    durationMs: 20,
    ...(objectUri !== undefined && { objectUri }),
    ...(throughArm !== undefined && { throughArm }),
    ...(caller && {
      caller: {
        oid: caller.oid,
        appId: caller.appId,
        kind: caller.kind,
        ...(caller.upn !== undefined && { upn: caller.upn }),
        ...(caller.managedIdentityId !== undefined && { managedIdentityId: caller.managedIdentityId }),
      },
    }),
  };
}

function vaultsByName({ model }: Context): Map<string, Vault> {
  return new Map([...model.vaults.values()].map((vault) => [vault.name.toLowerCase(), vault]));
}

function refused(message: string): AzureError {
  return new AzureError(400, "BadRequest", `${message.slice(0, 300)}.`);
}
