/** `npm run bench -- <name> [options]`: each bench prints a table, and with `--json` one line of JSON at the end. */
import { auditBench } from "./audit";
import { believabilityBench } from "./believability/run";
import { coverageBench } from "./coverage";
import { deployBench } from "./deploy/run";
import { detectionBench } from "./detection/run";
import { faultsBench } from "./faults";
import { incidentsBench } from "./incidents";
import { killBench } from "./kill";
import { kqlBench } from "./kql";
import { policyBench } from "./policy";
import { simulatorBench } from "./simulator";

const BENCHES: Record<string, (args: string[]) => Promise<boolean>> = {
  audit: auditBench,
  believability: believabilityBench,
  coverage: coverageBench,
  deploy: deployBench,
  detection: detectionBench,
  faults: faultsBench,
  incidents: incidentsBench,
  kill: killBench,
  kql: kqlBench,
  policy: policyBench,
  simulator: simulatorBench,
};

const [name = "", ...args] = process.argv.slice(2);
const bench = BENCHES[name];
if (!bench) {
  console.error(
    `Name a bench: ${Object.keys(BENCHES).join(", ")}. For example: npm run bench -- coverage --vaults 10000`,
  );
  process.exit(2);
}
process.exit((await bench(args)) ? 0 : 1);
