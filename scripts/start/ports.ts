import { createServer } from "node:net";

/** Whether nobody listens there yet. An address family that this machine does not have cannot be taken. */
function isFree(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error) => resolve("code" in error && error.code === "EADDRNOTAVAIL"));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/**
 * Whether the product can have this port. Browsers may try `localhost` as `::1` before `127.0.0.1`, so another program
 * on either of them would be in the way.
 */
export async function portIsFree(port: number, host: string): Promise<boolean> {
  const hosts = host === "127.0.0.1" || host === "localhost" ? ["127.0.0.1", "::1"] : [host];
  for (const one of hosts) if (!(await isFree(port, one))) return false;
  return true;
}

/** The sentence for a taken port, with the way out in the reader's own shell. */
export function takenPortMessage(port: number, platform: NodeJS.Platform = process.platform): string {
  const other = port === 65_535 ? 3001 : port + 1;
  const command = platform === "win32" ? `$env:PORT=${other}; npm start` : `PORT=${other} npm start`;
  return `Port ${port} is taken by another program. Stop it, or use another port: ${command}`;
}
