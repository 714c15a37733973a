import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import http from "node:http";
import { expect, test } from "vitest";
import { z } from "zod";

/* What can be known of the image without a container engine. */

const DOCKERFILE = readFileSync("Dockerfile", "utf8");
const lastStage = DOCKERFILE.slice(DOCKERFILE.lastIndexOf("\nFROM "));
const words = (pattern: RegExp) => [...lastStage.matchAll(pattern)].map(([, found = ""]) => found);

test("its bases are pinned to the release of .nvmrc, it runs without rights, and holds no secret", () => {
  const bases = [...DOCKERFILE.matchAll(/^FROM (\S+:\S+)/gm)].map(([, base]) => base);
  expect(new Set(bases).size).toBe(1);
  const [major] = readFileSync(".nvmrc", "utf8").trim().split(".");
  expect(bases[0]).toMatch(new RegExp(`^node:${major}\\.\\d+\\.\\d+-[a-z]+-slim$`));
  expect(words(/^USER (.+)$/gm)).toEqual(["node"]);
  expect(DOCKERFILE).not.toMatch(/SECRET|PASSWORD|TOKEN/);
});

test("what it copies is there, and not kept out of its building", () => {
  const lines = readFileSync(".dockerignore", "utf8").split("\n");
  const letIn = lines.filter((line) => line.startsWith("!")).map((line) => line.slice(1));
  const copied = words(/^COPY --from=build (.+) \S+$/gm).flatMap((line) => line.split(" "));
  const sources = copied.map((file) => file.replace("/app/", "")).filter((file) => ![".next", "dist"].includes(file));
  expect(sources.length).toBeGreaterThan(10);
  for (const file of sources) {
    expect(existsSync(file), file).toBe(true);
    expect(letIn).toContain(file);
  }
  for (const kept of [".env", ".data", "node_modules", ".git"]) expect(letIn).not.toContain(kept);
});

const HEALTH = z.tuple([z.literal("node")]).rest(z.string());

test.each([
  [200, 0],
  [503, 1],
  ["silence", 1],
])("its health check turns an answer of %s into %i", async (status, code) => {
  const asked: (string | undefined)[] = [];
  const server = http.createServer((request, response) => {
    asked.push(request.url);
    if (typeof status === "number") response.writeHead(status).end();
    else request.socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  const [, ...program] = HEALTH.parse(JSON.parse(words(/^HEALTHCHECK .* CMD (\[.*\])$/gm)[0] ?? ""));
  const child = spawn(process.execPath, program, { env: { ...process.env, PORT: String(port) } });
  expect(await new Promise((resolve) => child.on("close", resolve))).toBe(code);
  expect(asked).toEqual(["/api/health"]);
  server.close();
});
