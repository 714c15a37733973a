import { parseArgs } from "node:util";
import { killFleet } from "@/lib/deployments/testing/kill-fleet";
import { printTable } from "./table";

/**
 * `npm run bench -- kill [--vaults 2000] [--kills 30] [--seed 1] [--json]`: a deployment to every vault, whose process is
 * ended with SIGKILL again and again, and what is wrong in the simulated tenant afterwards. Fails when anything is.
 */
export async function killBench(args: string[]): Promise<boolean> {
  const { values } = parseArgs({
    args,
    options: {
      vaults: { type: "string", default: "2000" },
      kills: { type: "string", default: "30" },
      seed: { type: "string", default: "1" },
      json: { type: "boolean", default: false },
    },
  });
  let state = Number(values.seed);
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const started = performance.now();
  const result = await killFleet({
    vaults: Number(values.vaults),
    kills: Number(values.kills),
    lives: [4_000, 20_000],
    simulator: ["--delay-watchlist", "20000", "--delay-grant", "20000"],
    random,
  });
  const { killed, planned, ended, lost, duplicated, versioned, grantsLeft, unregistered } = result;
  const seconds = Math.round((performance.now() - started) / 1_000);
  printTable(
    ["kills", "planned", "lost", "planted twice", "real objects versioned", "grants left", "unregistered"],
    [[killed, planned, lost, duplicated, versioned, grantsLeft, unregistered].map(String)],
  );
  console.log(
    `The vaults ended as: ${Object.entries(ended)
      .map(([name, count]) => `${count} ${name}`)
      .join(", ")}. ${seconds} s in all.`,
  );
  if (values.json)
    console.log(JSON.stringify({ kills: killed, lost, duplicated, versioned, grantsLeft, unregistered }));
  return lost + duplicated + versioned + grantsLeft + unregistered === 0 && killed > 0;
}
