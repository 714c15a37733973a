import { parseArgs } from "node:util";
import { killFleet } from "@/lib/deployments/testing/kill-fleet";
import { NO_SERVER, serverPlace, serverReachable } from "@/lib/store/testing/stores";
import { printTable } from "./table";

/**
 * `npm run bench -- kill [--vaults 2000] [--kills 30] [--workers N] [--seed 1] [--json]`: a deployment to every vault, whose
 * process is ended with SIGKILL again and again, and what is wrong in the simulated tenant afterwards. With `--workers` so
 * many processes carry it together on a PostgreSQL server, in a database of its own (DATABASE_URL names the server, else
 * the local one), and one of them is killed each time. Fails when anything is wrong, or no kill met the deployment.
 */
export async function killBench(args: string[]): Promise<boolean> {
  const { values } = parseArgs({
    args,
    options: {
      vaults: { type: "string", default: "2000" },
      kills: { type: "string", default: "30" },
      workers: { type: "string" },
      seed: { type: "string", default: "1" },
      json: { type: "boolean", default: false },
    },
  });
  if (values.workers === undefined) return measure(values);
  const { DATABASE_URL: url } = process.env;
  if (!(await serverReachable(url))) {
    console.log(`Skipped: ${url === undefined ? NO_SERVER : "no PostgreSQL server answers at DATABASE_URL"}.`);
    return true;
  }
  const place = await serverPlace(url);
  try {
    return await measure(values, { databaseUrl: place.config.databaseUrl ?? "", workers: Number(values.workers) });
  } finally {
    await place.remove();
  }
}

interface Values {
  vaults: string;
  kills: string;
  seed: string;
  json: boolean;
}

async function measure(values: Values, server?: { databaseUrl: string; workers: number }): Promise<boolean> {
  let state = Number(values.seed);
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const started = performance.now();
  const seconds = () => Math.round((performance.now() - started) / 1_000);
  const result = await killFleet(
    {
      vaults: Number(values.vaults),
      simulator: ["--delay-watchlist", "20000", "--delay-grant", "20000"],
      ...(server && { databaseUrl: server.databaseUrl }),
    },
    {
      workers: server?.workers ?? 1,
      kills: Number(values.kills),
      lives: [1_000, 20_000],
      random,
      say: (sentence) => process.stderr.write(`${seconds()} s: ${sentence}\n`),
    },
  );
  const { killed, atWork, planned, ended, problems, lost, duplicated, versioned, grantsLeft, unregistered } = result;
  printTable(
    ["kills", "at work", "planned", "lost", "planted twice", "real objects versioned", "grants left", "unregistered"],
    [[killed, atWork, planned, lost, duplicated, versioned, grantsLeft, unregistered].map(String)],
  );
  console.log(
    `The vaults ended as: ${Object.entries(ended)
      .map(([name, count]) => `${count} ${name}`)
      .join(
        ", ",
      )}. ${killed} kills met the running deployment, ${atWork} of them a process with vaults in hand. ${seconds()} s in all.`,
  );
  for (const [problem, count] of Object.entries(problems)) console.log(`- ${count}: ${problem}`);
  if (values.json)
    console.log(JSON.stringify({ kills: killed, lost, duplicated, versioned, grantsLeft, unregistered }));
  return lost + duplicated + versioned + grantsLeft + unregistered === 0 && atWork > 0;
}
