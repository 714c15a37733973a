import { writeSync } from "node:fs";
import { writeAudit } from "../audit";
import { openStore } from "../open";
import { TEST_TENANT } from "./stores";

/* Commits audit rows for ever and prints how many, each number only after its commit: the process that a test kills. */

async function main(): Promise<never> {
  const store = await openStore({ databaseUrl: undefined, dataDir: process.argv[2] ?? "", tenantId: TEST_TENANT });
  const row = await store.db
    .selectFrom("audit")
    .select((builder) => builder.fn.countAll<string>().as("rows"))
    .executeTakeFirstOrThrow();
  for (let rows = Number(row.rows); ; rows++) {
    writeSync(1, `${rows}\n`);
    await writeAudit(store.db, { by: { tid: TEST_TENANT, system: "test" }, action: "probe", result: "ok" }, new Date());
  }
}

void main();
