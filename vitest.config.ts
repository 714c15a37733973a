import path from "node:path";
import { defineConfig } from "vitest/config";

/** No test measures time: these only end one that hangs, on the slowest machine that runs them. */
const patience = { testTimeout: 60_000, hookTimeout: 120_000 };

const alias = {
  "@": import.meta.dirname,
  // Vitest runs outside Next, where this marker package would throw.
  "server-only": path.join(import.meta.dirname, "node_modules/server-only/empty.js"),
};

export default defineConfig({
  resolve: { alias },
  test: {
    projects: [
      {
        resolve: { alias },
        test: {
          name: "unit",
          ...patience,
          environment: "node",
          include: ["{lib,scripts,bench}/**/*.test.ts"],
          exclude: ["**/node_modules/**", "**/*.process.test.ts"],
          setupFiles: ["./scripts/test/fail-on-console.ts"],
          maxWorkers: 2,
        },
      },
      {
        resolve: { alias },
        test: {
          name: "simulator",
          ...patience,
          environment: "node",
          include: ["simulator/**/*.test.ts"],
          exclude: ["**/node_modules/**", "**/*.process.test.ts"],
          setupFiles: ["./scripts/test/fail-on-console.ts"],
          // Files share modules, and with them the KQL parser, which takes seconds to load: its state hangs on each test's
          // own tenant, and nothing here is mocked.
          isolate: false,
          maxWorkers: 2,
        },
      },
      {
        resolve: { alias },
        test: {
          name: "components",
          ...patience,
          environment: "happy-dom",
          include: ["{components,app}/**/*.test.{ts,tsx}"],
          setupFiles: ["./scripts/test/fail-on-console.ts", "./scripts/test/patient-screen.ts"],
          maxWorkers: 2,
        },
      },
      {
        resolve: { alias },
        test: {
          name: "integration",
          environment: "node",
          include: ["{lib,e2e,simulator}/**/*.process.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // Most of them wait for processes. Each has a folder and ports of its own.
          maxWorkers: 2,
        },
      },
      {
        resolve: { alias },
        test: {
          name: "browser",
          environment: "node",
          include: ["e2e/**/*.browser.test.ts"],
          globalSetup: ["./e2e/harness/global-setup.ts"],
          testTimeout: 120_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
