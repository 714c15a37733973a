import { Timekeeper, VirtualClock } from "../../../clock";
import type { Context, Delays, Settings } from "../../../context";
import { REAL_DELAYS } from "../../../delays";
import { tenantIdentity } from "../../../identity";
import { writeLogRow } from "../../../loganalytics/workspace";
import { type LogTable, model, type Workspace } from "../../../model";
import { State } from "../../../state";
import { worldIds } from "../../../world/ids";
import { createWorld } from "../../../world/world";
import type { Incident, SentinelAlert } from "../../documents";
import { Clockwork } from "../clockwork";
import { incidentChore } from "../incidents";

/** When the tenants of these tests were started: a full minute. */
export const START = Date.UTC(2026, 9, 1, 12);
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

/** A tenant in memory whose clock stands, with its workspace and everything that the clockwork does. */
export interface ClockworkTenant {
  context: Context;
  workspace: Workspace;
  /** Moves the clock, doing what falls due. */
  advance(milliseconds: number): Promise<void>;
  /** Adds a rule, enabled and near real time unless its properties say otherwise. */
  putRule(ruleId: string, properties: Record<string, unknown>): void;
  /** Writes a row that names `operation`; it arrives when the delays say. */
  write(operation: string, more?: Record<string, unknown>, table?: LogTable): void;
  alerts(): SentinelAlert[];
  incidents(): Incident[];
}

/** One delay for all rows of the audit log and the activity log: a minute. */
export const STEADY: Partial<Delays> = { ingestionMin: MINUTE, ingestionMax: MINUTE, incident: 30_000 };

/**
 * A tenant of one vault without everyday traffic, so that nothing is there but what a test writes; `vaults` makes a
 * bigger one, with it.
 */
export function clockworkTenant(options: { vaults?: number; delays?: Partial<Delays> } = {}): ClockworkTenant {
  const { vaults = 1, delays = STEADY } = options;
  const settings: Settings = {
    port: 0,
    seed: 1,
    vaults,
    appOrigin: "http://localhost:3000",
    delays: { ...REAL_DELAYS, ...delays },
    throttle: false,
  };
  const clock = new VirtualClock(START);
  const context: Context = {
    settings,
    identity: tenantIdentity({ seed: 1, vaults, firstStart: START }),
    model: model(new State()),
    now: () => clock.now(),
    random: () => 0.5,
  };
  createWorld(context);
  const timekeeper = new Timekeeper({
    clock,
    chores: [incidentChore(context), new Clockwork(context)],
    commit: () => {},
    onFault: (error) => {
      throw error;
    },
  });
  const { resourceId } = worldIds(context).workspace;
  const workspace = context.model.workspaces.get(resourceId);
  if (!workspace) throw new Error("The world has no workspace.");
  return {
    context,
    workspace,
    advance: (milliseconds) => timekeeper.advanceTo(clock.now() + milliseconds),
    putRule: (ruleId, properties) => putRule(context, workspace.id, ruleId, properties),
    write: (operation, more = {}, table = "AzureActivity") =>
      writeLogRow(context, table, { OperationName: operation, ...more }),
    alerts: () => [...context.model.alerts.values()],
    incidents: () => [...context.model.incidents.values()],
  };
}

function putRule(context: Context, workspaceId: string, ruleId: string, properties: Record<string, unknown>): void {
  const kind = properties.queryFrequency === undefined ? "NRT" : "Scheduled";
  const before = context.model.alertRules.get(`${workspaceId}/${ruleId}`);
  context.model.alertRules.put(`${workspaceId}/${ruleId}`, {
    workspaceId,
    ruleId,
    kind,
    etag: `"${ruleId}/${before?.etag ?? ""}"`,
    properties: {
      displayName: ruleId,
      description: "",
      enabled: true,
      severity: "Medium",
      suppressionEnabled: false,
      suppressionDuration: "PT1H",
      ...(kind === "Scheduled" && { queryPeriod: "PT5M", triggerOperator: "GreaterThan", triggerThreshold: 0 }),
      lastModifiedUtc: new Date(context.now()).toISOString(),
      ...properties,
    },
  });
}

/** All that a run leaves, in a form that can be compared. */
export function leftBy({ context }: ClockworkTenant) {
  const { alerts, incidents, logRows, ruleProgress } = context.model;
  return {
    alerts: [...alerts.values()],
    incidents: [...incidents.values()],
    rows: [...logRows.values()],
    progress: [...ruleProgress.values()],
  };
}
