import { createServer, type Server } from "node:net";
import { afterEach, expect, test } from "vitest";
import { portIsFree, takenPortMessage } from "./ports";

const servers: Server[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
});

function listen(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on("error", reject);
    servers.push(server);
    server.listen(0, host, () => {
      const address = server.address();
      if (typeof address === "object" && address) resolve(address.port);
    });
  });
}

test.each(["127.0.0.1", "0.0.0.0"])("a port that a program holds on %s is taken", async (host) => {
  const port = await listen(host);
  expect(await portIsFree(port, "127.0.0.1")).toBe(false);
});

test("a port that a program holds on ::1 alone is taken too: browsers may try it first", async () => {
  const port = await listen("::1").catch(() => undefined);
  if (port === undefined) return; // no IPv6 on this machine
  expect(await portIsFree(port, "127.0.0.1")).toBe(false);
});

test("a port is free again after it was looked at", async () => {
  const port = await listen("127.0.0.1");
  await new Promise((resolve) => servers.pop()?.close(resolve));
  expect(await portIsFree(port, "127.0.0.1")).toBe(true);
  expect(await portIsFree(port, "127.0.0.1")).toBe(true);
});

test("the way out is written for the reader's own shell", () => {
  expect(takenPortMessage(3000, "linux")).toContain("PORT=3001 npm start");
  expect(takenPortMessage(3000, "win32")).toContain("$env:PORT=3001; npm start");
  expect(takenPortMessage(65_535, "linux")).toContain("PORT=3001 ");
});
