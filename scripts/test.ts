import { findBrowser } from "./test/browser";
import { checkLayer, conformanceLayer, type LayerResult, vitestLayer } from "./test/layers";
import { staticChecks } from "./test/static-checks";

/** `npm test`: every layer in turn, all of them even when one fails, then one line that sums up. */
const tsx = ["node_modules/tsx/dist/cli.mjs", "--conditions=react-server"];
const results: LayerResult[] = await staticChecks();
results.push(await vitestLayer("unit and components", ["unit", "simulator", "components"]));
results.push(await conformanceLayer("conformance"));
results.push(await checkLayer("build", process.execPath, [...tsx, "scripts/build.ts"]));
results.push(await vitestLayer("integration", ["integration"]));
const browser = await findBrowser();
if (typeof browser === "string") {
  results.push(await vitestLayer("browser", ["browser"], { BROWSER_PATH: browser }));
} else {
  console.error(browser.help);
  results.push({ name: "browser", passed: 0, failed: 1, skipped: 0, seconds: 0 });
}

console.log("");
for (const { name, passed, failed, skipped, seconds, failures = [] } of results) {
  const counts = `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
  console.log(`${failed === 0 ? "ok    " : "FAILED"} ${name.padEnd(22)} ${counts} (${seconds} s)`);
  for (const failure of failures) console.log(`         ${failure}`);
}
const sum = (key: "passed" | "failed" | "skipped") => results.reduce((total, result) => total + result[key], 0);
console.log(`${sum("passed")} passed, ${sum("failed")} failed, ${sum("skipped")} skipped`);
process.exit(sum("failed") > 0 ? 1 : 0);
