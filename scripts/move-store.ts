import path from "node:path";
import { parseArgs } from "node:util";
import { listenOn } from "@/lib/config";
import { AppError } from "@/lib/errors";
import { moveStore, type StorePlace } from "@/lib/store/move";
import { readEnvironmentFiles } from "./start/environment-files";

/**
 * `npm run move-store -- --to postgres://…`: copies the embedded store of DATA_DIR to a server. The other way round:
 * `-- --from postgres://… --to embedded`. A password may stand in PGPASSWORD instead. Exit codes: 0 moved, 1 it could
 * not be moved and the target is as it was, 2 the command is wrong.
 */
const USAGE =
  "Usage: npm run move-store -- --to postgres://user@host/database   (or --from postgres://… --to embedded)";

async function run(): Promise<number> {
  const { from, to } = places();
  if (!from || !to || ("dataDir" in from && "dataDir" in to)) {
    console.error(USAGE);
    return 2;
  }
  const tables = await moveStore(from, to);
  for (const { name, rows, checksum } of tables)
    console.log(`${name.padEnd(24)} ${String(rows).padStart(8)} rows  ${checksum}`);
  console.log("Every table was compared on both sides. The old store was not changed.");
  console.log(
    "dataDir" in to
      ? `Now remove DATABASE_URL, keep DATA_DIR=${to.dataDir}, and start the product.`
      : "Now set DATABASE_URL to that address and start the product; unfinished deployments go on there.",
  );
  return 0;
}

function places(): { from: StorePlace | undefined; to: StorePlace | undefined } {
  const text = { type: "string" } as const;
  const { values } = parseArgs({ options: { from: { ...text, default: "embedded" }, to: text } });
  readEnvironmentFiles(process.cwd());
  const dataDir = path.resolve(listenOn().dataDir);
  const place = (value: string | undefined): StorePlace | undefined => {
    if (value === "embedded") return { dataDir };
    return /^postgres(ql)?:\/\/./.test(value ?? "") && URL.canParse(value ?? "")
      ? { databaseUrl: value ?? "" }
      : undefined;
  };
  return { from: place(values.from), to: place(values.to) };
}

try {
  process.exit(await run());
} catch (error) {
  const words =
    error instanceof AppError ? [error.failure.message, error.failure.fix].filter(Boolean).join(" ") : error;
  console.error(words);
  process.exit(1);
}
