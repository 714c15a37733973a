import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { specFolder } from "./spec-files";

/**
 * `npm run conformance`: every simulated operation, driven by the unmodified clients and checked against Microsoft's API
 * descriptions in the folder that AZURE_SPECS names. `--json` prints the outcome as JSON, `--report FILE` also writes it
 * there, `--seed N` draws other mutations. Exit codes: 0 = conforms, or skipped; 1 = does not; 2 = wrong use.
 */
async function main(): Promise<number> {
  const values = readFlags();
  if (typeof values === "string") {
    console.error(values);
    return 2;
  }
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
  // Every client and the validator: not worth loading only to say that this is skipped.
  const { conformance } = await import("./conformance");
  const { passed, reportText } = await import("./report");
  const outcome = await conformance(specs.folder, values.seed);
  write(outcome);
  if (!values.json) console.log(reportText(outcome));
  return passed(outcome) ? 0 : 1;
}

/** The flags, or what is wrong with them. */
function readFlags(): { json: boolean; report?: string | undefined; seed: number } | string {
  try {
    const { values } = parseArgs({
      options: { json: { type: "boolean" }, report: { type: "string" }, seed: { type: "string", default: "1" } },
    });
    if (!/^\d{1,9}$/.test(values.seed)) return `--seed must be a whole number, not "${values.seed}".`;
    return { json: values.json ?? false, report: values.report, seed: Number(values.seed) };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

main().then(
  // The query parser's thread would keep the process for a while.
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
