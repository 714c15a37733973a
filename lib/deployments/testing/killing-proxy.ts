import { createServer, type IncomingMessage, type ServerResponse, request as sendRequest } from "node:http";
import { z } from "zod";
import { portOf } from "@/scripts/test/loopback";
import { STEPS } from "../plan.pure";

/** Steps that change something outside the database: the points at which a kill could leave Azure half done. */
export type Effect = Extract<(typeof STEPS)[number], { effect: true }>["name"];
export const EFFECTS: readonly Effect[] = STEPS.filter((step) => step.effect).map((step) => step.name);

/** Before the request reaches Azure; after Azure did it but before the answer; right after the answer. */
export const MOMENTS = ["before", "applied", "answered"] as const;

export interface KillPoint {
  effect: Effect;
  moment: (typeof MOMENTS)[number];
}

/** Time for the killed process to have read the answer, but hardly to have written it down. */
const READ_MS = 4;

/**
 * Stands between a process and the simulated tenant, sees what goes by, and ends the process at a chosen moment of a
 * chosen effect. The process itself knows nothing of it.
 */
export class KillingProxy {
  /** Every effect that reached the tenant, in order. */
  readonly applied: Effect[] = [];
  private readonly server = createServer((incoming, outgoing) => void this.pass(incoming, outgoing));
  private armed: { point: KillPoint; kill: () => void } | undefined;
  /** Nothing of a killed process may reach the tenant any more. */
  private cut = false;

  constructor(private readonly target: string) {}

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    // A listening TCP server has an address of this form.
    return `http://127.0.0.1:${portOf(this.server)}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** Calls `kill` at the next such moment; without a point it only passes on. */
  arm(point: KillPoint | undefined, kill: () => void): void {
    this.armed = point && { point, kill };
    this.cut = false;
  }

  private async pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await read(incoming);
    const effect = effectOf(incoming, body);
    const armed = effect !== undefined && this.armed?.point.effect === effect ? this.armed : undefined;
    if (this.cut) return void incoming.socket.destroy();
    if (armed) {
      this.armed = undefined;
      this.cut = true;
    }
    const { moment } = armed?.point ?? {};
    if (moment === "before") return armed?.kill();
    const answer = await this.forward(incoming, body);
    const answered = await read(answer);
    const good = (answer.statusCode ?? 500) < 300;
    if (effect && good) this.applied.push(effect);
    if (armed && !good) {
      // The tenant refused (a right that has not spread yet): not this effect, but a later attempt at it.
      this.armed = armed;
      this.cut = false;
    } else if (moment === "applied") return armed?.kill();
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    outgoing.end(answered, () => {
      if (armed && good) setTimeout(armed.kill, READ_MS);
    });
  }

  private forward(incoming: IncomingMessage, body: Buffer): Promise<IncomingMessage> {
    const { hostname, port } = new URL(this.target);
    return new Promise((resolve, reject) => {
      const { method, url: path, headers } = incoming;
      const outgoing = sendRequest({ hostname, port, method, path, headers }, resolve);
      outgoing.on("error", reject);
      outgoing.end(body);
    });
  }
}

const RegisterRow = z.object({ properties: z.object({ itemsKeyValue: z.object({ State: z.string() }) }) });

const ScheduleRequest = z.object({
  properties: z.object({ requestType: z.enum(["AdminAssign", "AdminRemove", "AdminExtend"]) }),
});

/** Which effect a request is; decided as Azure would see it, by host, method and path. */
function effectOf(incoming: IncomingMessage, body: Buffer): Effect | undefined {
  const host = String(incoming.headers["x-forwarded-host"] ?? "");
  const request = `${incoming.method} ${new URL(incoming.url ?? "/", "http://any").pathname.toLowerCase()}`;
  if (host.endsWith(".vault.azure.net")) {
    // Without a token it is the question which authority to ask, and carries nothing.
    if (incoming.headers.authorization === undefined) return undefined;
    return /^PUT \/secrets\/[^/]+\/?$|^POST \/keys\/[^/]+\/create$/.test(request) ? "plant" : undefined;
  }
  if (/^PUT .*\/watchlistitems\/[^/]+$/.test(request)) {
    const { State } = RegisterRow.parse(JSON.parse(body.toString())).properties.itemsKeyValue;
    return State === "live" ? "publish" : "register";
  }
  if (/^PUT .*\/roleassignmentschedulerequests\/[^/]+$/.test(request)) {
    const { requestType } = ScheduleRequest.parse(JSON.parse(body.toString())).properties;
    return { AdminAssign: "grant" as const, AdminRemove: "revoke" as const, AdminExtend: undefined }[requestType];
  }
  if (/^PUT .*(\/roleassignments\/[^/]+|\/accesspolicies\/add)$/.test(request)) return "grant";
  if (/^DELETE .*\/roleassignments\/[^/]+$|^PUT .*\/accesspolicies\/remove$/.test(request)) return "revoke";
  return undefined;
}

async function read(message: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of message) parts.push(part);
  return Buffer.concat(parts);
}
