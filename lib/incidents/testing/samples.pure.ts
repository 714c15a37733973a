import type { AlertRow, IncidentList, IncidentRow } from "../list.pure";

export function incidentRow(change: Partial<IncidentRow> = {}): IncidentRow {
  return {
    id: "00000000-0000-4000-8000-000000000001",
    number: 1,
    title: "Honeytoken touched in kv-orders by mallory",
    severity: "High",
    status: "New",
    classification: null,
    owner: null,
    createdAt: "2026-11-22T10:00:00Z",
    changedAt: "2026-11-22T10:00:00Z",
    ...change,
  };
}

export function alertRow(change: Partial<AlertRow> = {}): AlertRow {
  return {
    id: "alert",
    incident: null,
    at: "2026-11-22T09:55:00.000Z",
    severity: "High",
    vaults: [],
    callers: [],
    decoys: [],
    operations: [],
    touches: 1,
    ...change,
  };
}

export function incidentList(change: Partial<IncidentList> = {}): IncidentList {
  return {
    days: "30",
    readAt: "2026-11-22T10:05:00.000Z",
    digest: "digest",
    vaults: [],
    incidents: [],
    alerts: [],
    problems: [],
    ...change,
  };
}
