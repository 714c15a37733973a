import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { conformance } from "./conformance";
import { passed, reportText } from "./report";
import { specFolder } from "./spec-files";

/**
 * `npm run conformance`: every simulated operation, driven by the unmodified clients and checked against Microsoft's API
 * descriptions in the folder that AZURE_SPECS names. `--json` prints the outcome as JSON, `--report FILE` also writes it
 * there, `--seed N` draws other mutations. Exit codes: 0 = conforms, or skipped; 1 = does not; 2 = wrong use.
 */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { json: { type: "boolean" }, report: { type: "string" }, seed: { type: "string", default: "1" } },
  });
  const write = (outcome: unknown) => {
    if (values.report !== undefined) writeFileSync(values.report, JSON.stringify(outcome));
    if (values.json) console.log(JSON.stringify(outcome, null, 2));
  };
  const specs = specFolder(process.env.AZURE_SPECS);
  if ("wrong" in specs) {
    console.error(specs.wrong);
    return 2;
  }
  if ("skip" in specs) {
    write({ skipped: specs.skip });
    if (!values.json) console.log(`Conformance was skipped: ${specs.skip}`);
    return 0;
  }
  const outcome = await conformance(specs.folder, Number(values.seed));
  write(outcome);
  if (!values.json) console.log(reportText(outcome));
  return passed(outcome) ? 0 : 1;
}

main().then(
  // The query parser's thread would keep the process for a while.
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
