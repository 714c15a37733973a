import type { SimRequest } from "../http";

/** Segments whose follower is a name or an id, not part of the operation. */
const NAMED = new Set([
  "subscriptions",
  "resourcegroups",
  "vaults",
  "workspaces",
  "watchlists",
  "watchlistitems",
  "alertrules",
  "alertruletemplates",
  "automationrules",
  "actions",
  "bookmarks",
  "incidents",
  "comments",
  "relations",
  "tasks",
  "alerts_v2",
  "roleassignments",
  "roledefinitions",
  "diagnosticsettings",
  "secrets",
  "keys",
  "deletedsecrets",
  "deletedkeys",
  "tables",
  "collections",
  "storageaccounts",
  "actiongroups",
  "scheduledqueryrules",
  "automations",
  "alerts",
  "alertssuppressionrules",
  "assessments",
  "assessmentmetadata",
  "subassessments",
  "virtualmachines",
  "deletedvaults",
  "operationresults",
  "privateendpointconnections",
]);
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const VERSION = /^[0-9a-f]{32}$/i;
const OPERATIONS_MAX = 2000;

/** Counts what the tenant was asked, by service and by operation, since the start or the last reset. */
export class RequestCounters {
  private services = new Map<string, number>();
  private operations = new Map<string, number>();
  private since: number;

  constructor(private readonly now: () => number) {
    this.since = now();
  }

  count(service: string, request: Pick<SimRequest, "method" | "path">): void {
    this.services.set(service, (this.services.get(service) ?? 0) + 1);
    const operation = operationOf(service, request);
    // Hostile paths must not fill the memory.
    if (!this.operations.has(operation) && this.operations.size >= OPERATIONS_MAX) return;
    this.operations.set(operation, (this.operations.get(operation) ?? 0) + 1);
  }

  reset(): void {
    this.services = new Map();
    this.operations = new Map();
    this.since = this.now();
  }

  report() {
    return {
      since: new Date(this.since).toISOString(),
      total: [...this.services.values()].reduce((sum, count) => sum + count, 0),
      services: Object.fromEntries([...this.services].sort()),
      operations: Object.fromEntries([...this.operations].sort()),
    };
  }
}

/** `arm GET /subscriptions/{}`: what a request asks for, without names and ids. */
export function operationOf(service: string, { method, path }: Pick<SimRequest, "method" | "path">): string {
  return `${service} ${method} ${pathTemplate(path)}`;
}

/** `/subscriptions/{}/resourceGroups/{}/...`: the path without names and ids. */
function pathTemplate(path: string): string {
  const segments = path.split("/").filter(Boolean);
  return `/${segments
    .map((segment, index) => {
      const before = segments[index - 1]?.toLowerCase() ?? "";
      return NAMED.has(before) || GUID.test(segment) || VERSION.test(segment) ? "{}" : segment.slice(0, 80);
    })
    .join("/")}`;
}
