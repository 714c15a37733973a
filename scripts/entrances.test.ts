import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { ACTIONS, DIRECTIVE, OPEN_ROUTES, ROUTES } from "./test/entrances";

/* Whatever a stranger can call over HTTP passes withUser first: every route handler and every server action. */

// Importing the handlers brings the Azure clients along.
vi.setConfig({ testTimeout: 60_000 });

const guards = vi.hoisted(() => {
  const made = new Map<unknown, "route" | "action">();
  const guard = (kind: "route" | "action") => () => {
    const handler = async () => {};
    made.set(handler, kind);
    return handler;
  };
  return { made, guard };
});
vi.mock("@/lib/auth/with-user", () => ({
  withUserRoute: guards.guard("route"),
  withUserAction: guards.guard("action"),
}));

/** Next's settings of a route are plain values; everything that can be called is an entrance. */
function unguardedIn(module: object, kind: "route" | "action"): string[] {
  return Object.entries(module)
    .filter(([name, value]) => {
      if (kind === "route" && typeof value !== "function") return false;
      // Reads are GET and writes are actions, so a handler of another method is a fault whoever guards it.
      return guards.made.get(value) !== kind || (kind === "route" && name !== "GET");
    })
    .map(([name]) => name);
}

async function load(file: string): Promise<object> {
  return import(/* @vite-ignore */ path.resolve(file));
}

describe("entrances", () => {
  test("are found where they are known to be", () => {
    expect(ROUTES).toContain(path.join("app", "api", "vaults", "route.ts"));
    expect(ACTIONS).toContain(path.join("app", "vaults", "actions.ts"));
  });

  test("stand in app, a file of actions says so in its first line, and nothing else does", () => {
    expect(ROUTES.filter((file) => !file.startsWith(path.join("app", "")))).toEqual([]);
    expect(ACTIONS.filter((file) => path.basename(file) !== "actions.ts" || !file.startsWith("app"))).toEqual([]);
    for (const file of ACTIONS) {
      const [, ...rest] = readFileSync(file, "utf8").split("\n");
      expect(rest.join("\n"), file).not.toMatch(DIRECTIVE);
    }
    expect(["pages", "src"].filter((folder) => existsSync(folder))).toEqual([]);
  });

  test.each(OPEN_ROUTES)("%s is open to everyone, so it takes nothing that a caller could send", async (file) => {
    expect(ROUTES).toContain(file);
    const { GET } = z.object({ GET: z.instanceof(Function) }).parse(await load(file));
    expect(GET).toHaveLength(0);
    expect(unguardedIn(await load(file), "route")).toEqual(["GET"]);
  });

  test.each(ROUTES.filter((file) => !OPEN_ROUTES.includes(file)))(
    "%s answers GET, through withUserRoute",
    async (file) => {
      const module = await load(file);
      expect(module).toHaveProperty("GET");
      expect(unguardedIn(module, "route")).toEqual([]);
    },
  );

  test.each(ACTIONS)("%s lets nobody in but through withUserAction", async (file) => {
    expect(unguardedIn(await load(file), "action")).toEqual([]);
  });

  test("without a guard, with the wrong one or for another method are listed", () => {
    const route = guards.guard("route")();
    const action = guards.guard("action")();
    const handler = async () => new Response();
    expect(unguardedIn({ dynamic: "force-dynamic", GET: route }, "route")).toEqual([]);
    expect(unguardedIn({ GET: handler }, "route")).toEqual(["GET"]);
    expect(unguardedIn({ GET: route, POST: route }, "route")).toEqual(["POST"]);
    expect(unguardedIn({ plant: action, drop: handler, read: route }, "action")).toEqual(["drop", "read"]);
  });
});
