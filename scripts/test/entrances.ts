import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

/* Whatever a stranger can call over HTTP, found in the sources, so that no test has to be told of a new one. */

const SOURCES = ["app", "components", "lib"]
  .flatMap((room) => readdirSync(room, { recursive: true, encoding: "utf8" }).map((file) => path.join(room, file)))
  .filter((file) => /\.[cm]?[jt]sx?$/.test(file) && !file.includes(".test."));

/** Files of route handlers, from the root of the repository. */
export const ROUTES = SOURCES.filter((file) => /(^|[\\/])route\.[a-z]+$/.test(file));

/** Those that whoever watches the process asks, without signing in. They take nothing and tell nothing about anybody. */
export const OPEN_ROUTES = ["health", "ready"].map((name) => path.join("app", "api", name, "route.ts"));

/** What makes the exports of a file callable from outside. */
export const DIRECTIVE = /["']use server["']/;

/** Files of server actions, from the root of the repository. */
export const ACTIONS = SOURCES.filter((file) => DIRECTIVE.test(readFileSync(file, "utf8")));
