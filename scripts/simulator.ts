import { spawn } from "node:child_process";
import { simulatorKit } from "./start/simulator-kit";

/**
 * `npm run simulator -- --port 4280 --vaults 240 --seed 1`: the simulated tenant on its own, with this product's rules in
 * its workspace. Every option goes to the simulator unchanged; without `--data-dir` nothing is kept. Ends with the
 * simulator's exit code.
 */
const args = process.argv.slice(2);
const { file, rules } = await simulatorKit(process.cwd());
const withRules = args.some((arg) => arg === "--rules" || arg.startsWith("--rules="))
  ? args
  : [...args, "--rules", rules];
// One process, not one under the tsx program: a signal then reaches the simulator itself.
const child = spawn(process.execPath, ["--enable-source-maps", file, "--with-parent", ...withRules], {
  stdio: ["pipe", "inherit", "inherit"],
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => child.kill(signal));
child.on("error", (error) => {
  console.error(`The simulated tenant could not be started: ${error.message}`);
  process.exitCode = 1;
});
child.on("close", (code) => process.exit(code ?? 1));
