import { build } from "esbuild";

/** `runner.ts` as one file, since loading the Azure clients file by file takes longer than the work. */
export async function bundleRunner(outfile: string): Promise<void> {
  await build({
    entryPoints: ["lib/deployments/testing/runner.ts"],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    conditions: ["react-server"],
    external: ["@electric-sql/pglite", "pino", "pg"],
    // CommonJS packages inside an ECMAScript module.
    banner: {
      js: 'import { createRequire as requireOf } from "node:module"; const require = requireOf(import.meta.url);',
    },
    logLevel: "error",
  });
}
