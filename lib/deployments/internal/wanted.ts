import "server-only";
import type { Selectable } from "kysely";
import { z } from "zod";
import type { DeploymentTable } from "@/lib/store/schema";
import { FleetRequestFields } from "../fleet.pure";

type Asked = Pick<Selectable<DeploymentTable>, "request">;

// Only these: a request may name thousands of vaults, and each of them asks.
const Wanted = FleetRequestFields.pick({ history: true, spreadHours: true }).loose();

/** Whether the person asked for further versions over time. A deployment in one vault has no such choice. */
export function wantsHistory({ request }: Asked): boolean {
  return Wanted.safeParse(request).data?.history ?? false;
}

/** Over how many hours writing is spread; 0 = as fast as Azure allows. */
export function spreadHoursOf({ request }: Asked): number {
  return Wanted.safeParse(request).data?.spreadHours ?? 0;
}

/** What a person asks for one vault alone names no operation. */
const OfAPlan = FleetRequestFields.pick({ operation: true, addToExisting: true }).loose();

/** Whether it plants also where a working honeytoken is already: where that was asked for, or where one vault was named alone. */
export function plantsBesideOthers({ request }: Asked): boolean {
  return OfAPlan.safeParse(request).data?.addToExisting ?? true;
}

const Schedule = z.object({ scheduleOf: z.string() });

/** The deployment whose schedule this one carries out; itself for any other. */
export function scheduleOf({ id, request }: Asked & { id: string }): string {
  return Schedule.safeParse(request).data?.scheduleOf ?? id;
}
