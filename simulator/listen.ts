import type { Server } from "node:net";

/** Listens on this machine only; answers the port, which is a free one for 0. Rejects with the system's error. */
export function listenOnLoopback(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", reject);
      const address = server.address();
      if (address === null || typeof address === "string") reject(new Error("A TCP server has a port."));
      else resolve(address.port);
    });
  });
}
