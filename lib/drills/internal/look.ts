import "server-only";
import { z } from "zod";
import { queryLogsBatch } from "@/lib/azure/logs";
import type { ServiceContext } from "@/lib/context";
import { readKql, withoutComments } from "@/lib/kql-files";
import { alertDetails } from "../alert-details.pure";
import type { SeenAlert, SeenIncident, Touch } from "./evidence.pure";

const time = z.iso.datetime({ offset: true }).transform((text) => new Date(text));

const TouchRow = z.object({
  At: time,
  Ingested: time.nullish(),
  Source: z.string(),
  Operation: z.string(),
  TokenKey: z.string(),
  RequestId: z.string().nullish(),
  Status: z.number().nullish(),
  AddressAllowed: z.boolean().nullish(),
  Address: z.string().nullish(),
});
const AlertRow = z.object({ AlertId: z.string(), At: time, RuleId: z.string().nullish(), Details: z.unknown() });
/** `dynamic` columns arrive parsed from the service, and as JSON text from some of its versions. */
const Ids = z.preprocess(
  (value) => (typeof value === "string" ? JSON.parse(value || "[]") : (value ?? [])),
  z.array(z.string().toLowerCase()),
);
const IncidentRow = z.object({ Name: z.string(), Number: z.number().nullish(), Created: time, AlertIds: Ids });

/** What the workspace shows of the drill identity since a time. */
export interface Sight {
  touches: Touch[];
  alerts: SeenAlert[];
  incidents: SeenIncident[];
}

/**
 * Looks at everything that the drill identity did and raised since `from`: one batch of three queries as the collecting
 * identity, however many drills are under way.
 *
 * @throws AppError when one of the queries fails: half a picture would take a real touch for none
 */
export async function look(service: ServiceContext, from: Date): Promise<Sight> {
  const { config, azure } = service;
  const kql = (name: string) => withoutComments(readKql(`lib/drills/queries/${name}.kql`));
  const parameters = { Caller: config.identities.drill.objectId.toLowerCase(), From: from };
  // The service's own time filter goes by event time as well, so it may not be narrower.
  const common = { parameters, timespan: "P7D" };
  const [touches, alerts, incidents] = await queryLogsBatch<
    [z.infer<typeof TouchRow>, z.infer<typeof AlertRow>, z.infer<typeof IncidentRow>]
  >(azure.collector, config.workspace.customerId, [
    { ...common, kql: kql("touches"), schema: TouchRow },
    { ...common, kql: kql("alerts"), schema: AlertRow },
    { ...common, kql: kql("incidents"), schema: IncidentRow },
  ]);
  if (!touches.ok) throw touches.error;
  if (!alerts.ok) throw alerts.error;
  if (!incidents.ok) throw incidents.error;
  return {
    touches: touches.rows.map((row) => ({
      at: row.At,
      ingested: row.Ingested ?? row.At,
      table: row.Source,
      operation: row.Operation,
      tokenKey: row.TokenKey,
      requestId: row.RequestId ?? "",
      status: row.Status ?? undefined,
      addressAllowed: row.AddressAllowed ?? undefined,
      address: row.Address ?? undefined,
    })),
    alerts: alerts.rows.map(({ AlertId, At, RuleId, Details }) => ({
      id: AlertId,
      at: At,
      ruleId: RuleId ?? "",
      details: alertDetails(Details),
    })),
    incidents: incidents.rows.map(({ Name, Number: number, Created, AlertIds }) => ({
      name: Name,
      number: number ?? undefined,
      created: Created,
      alertIds: AlertIds,
    })),
  };
}
