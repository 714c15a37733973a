import { staticChecks } from "./test/static-checks";

const results = await staticChecks();
for (const { name, failed, seconds } of results)
  console.log(`${failed === 0 ? "ok    " : "FAILED"} ${name} (${seconds} s)`);
process.exit(results.some(({ failed }) => failed > 0) ? 1 : 0);
