/** @type {import("next").NextConfig} */
const config = {
  reactStrictMode: true,
  // `npm run check` and `npm test` check the types, tests included; a person who only starts the product need not wait.
  typescript: { ignoreBuildErrors: true },
  poweredByHeader: false,
  output: "standalone",
  images: { unoptimized: true },
  // The embedded database and the job engine load files beside themselves; bundling them would break those paths.
  serverExternalPackages: ["@electric-sql/pglite", "pg-boss", "pg", "pino"],
  // `next dev` would otherwise print the arguments of server actions, which hold the caller's token.
  logging: { serverFunctions: false },
  // Read at run time by path, so the tracer cannot see them.
  outputFileTracingIncludes: { "/**": ["./lib/**/*.kql", "./lib/store/internal/pglite-worker.mjs"] },
  turbopack: { root: import.meta.dirname },
};

export default config;
