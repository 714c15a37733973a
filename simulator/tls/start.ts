import type http from "node:http";
import https from "node:https";
import net from "node:net";
import type { Context } from "../context";
import type { Router, SimRequest } from "../http";
import { AzureError } from "../http";
import { listenOnLoopback } from "../listen";
import { HEAD_BYTES_MAX } from "../request";
import { AZURE_NAMES, isAzureHost } from "../routing";

export interface TlsSide {
  port: number;
  /** PEM of the authority that clients have to trust. */
  authority: string;
  stop(): Promise<void>;
}

const authorities = new WeakMap<object, string>();

/** Control route: the authority's certificate, which clients of the TLS side have to trust. */
export function routeTls<C extends { request: SimRequest; context: Context }>(router: Router<C>): void {
  router.on("GET", "/sim/authority.pem", ({ context }) => {
    const authority = authorities.get(context.model);
    if (authority === undefined) throw new AzureError(404, "NotFound", "This tenant was started without --tls.");
    return { status: 200, headers: { "content-type": "application/x-pem-file" }, body: authority };
  });
}

/**
 * Serves the tenant over TLS under Azure's own host names, on loopback: for clients that cannot be told another address.
 * They reach it through the machine's name resolution (`curl --connect-to`, a hosts file) or through the plain port as
 * an HTTPS proxy, which lets nothing but those names through and sends them all here.
 */
export async function startTls(context: Context, plain: http.Server, port: number): Promise<TlsSide> {
  // Loaded when it is wanted: a tenant without TLS starts faster and smaller.
  const { makeCertificate } = await import("./certificates");
  const { key, certificate, authority } = await makeCertificate(AZURE_NAMES);
  const options = { key, cert: certificate, minVersion: "TLSv1.2", maxHeaderSize: HEAD_BYTES_MAX } as const;
  const server = https.createServer(options, (request, answer) => plain.emit("request", request, answer));
  const bound = await listenOnLoopback(server, port);
  authorities.set(context.model, authority);
  const tunnels = new Set<net.Socket>();
  plain.on("connect", (request: http.IncomingMessage, socket: net.Socket, head: Buffer) =>
    tunnel(request.url ?? "", socket, head, bound, tunnels),
  );
  return {
    port: bound,
    authority,
    stop: () =>
      new Promise((resolve) => {
        for (const socket of tunnels) socket.destroy();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** `CONNECT host:443` for a host of the tenant leads to the TLS port; for anything else it is refused. */
function tunnel(target: string, socket: net.Socket, head: Buffer, port: number, tunnels: Set<net.Socket>): void {
  socket.on("error", () => socket.destroy());
  const host = /^([a-z0-9.-]{1,253}):443$/i.exec(target)?.[1]?.toLowerCase();
  if (host === undefined || !isAzureHost(host)) {
    socket.end("HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    return;
  }
  const inner = net.connect(port, "127.0.0.1", () => {
    socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
    inner.write(head);
    inner.pipe(socket).pipe(inner);
  });
  tunnels.add(socket);
  inner.on("error", () => socket.destroy());
  inner.on("close", () => socket.destroy());
  socket.on("close", () => {
    tunnels.delete(socket);
    inner.destroy();
  });
}
