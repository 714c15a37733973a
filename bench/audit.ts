import { parseArgs } from "node:util";
import { type Kysely, sql } from "kysely";
import { AuditFilter } from "@/lib/audit/audit.pure";
import { auditPage } from "@/lib/audit/read";
import type { Database } from "@/lib/store/schema";
import { temporaryStore } from "@/lib/store/testing/stores";
import { median, printTable } from "./table";

const ROUNDS = 5;

/** Searches as people make them: what is common, what is rare, what is old, and several things at once. */
const SEARCHES: Record<string, Partial<AuditFilter>> = {
  newest: {},
  "a busy person": { person: "person 7" },
  "a rare person": { person: "rita" },
  "nobody of that name": { person: "zoe" },
  "a common action": { action: "grant" },
  "a rare action": { action: "settings" },
  "a vault": { vault: "kv-77" },
  failures: { result: "failed" },
  "an old day": { from: "2026-01-05", to: "2026-01-05" },
  "a person, an action and a vault": { person: "person 7", action: "grant", vault: "kv-77" },
};

const INDEXES = ["newest", "who", "oid", "action", "vault", "vault_name", "not_ok"];

/**
 * What a search of the audit trail costs in the embedded store, beside the plain way: one statement that looks for the
 * words in every row of a table without indexes. Fails when ours is not the faster one.
 */
export async function auditBench(args: string[]): Promise<boolean> {
  const { values } = parseArgs({
    args,
    options: { rows: { type: "string", default: "200000" }, json: { type: "boolean", default: false } },
  });
  const rows = Number(values.rows);
  const store = await temporaryStore();
  try {
    await fill(store.db, rows);
    const ours = await measure((filter) => auditPage(store.db, filter));
    for (const index of INDEXES) await sql`drop index ${sql.ref(`audit_${index}`)}`.execute(store.db);
    const plain = await measure((filter) => plainSearch(store.db, filter));
    const searches = Object.keys(SEARCHES).map((search) => {
      const [milliseconds, plainMilliseconds] = [ours.get(search) ?? Number.NaN, plain.get(search) ?? Number.NaN];
      return { search, milliseconds, plainMilliseconds, ratio: plainMilliseconds / milliseconds };
    });
    console.log(`The first page of a search among ${rows.toLocaleString()} audit rows, median of ${ROUNDS}:\n`);
    printTable(
      ["search", "ms", "ms the plain way", "ratio"],
      searches.map((one) => [
        one.search,
        one.milliseconds.toFixed(1),
        one.plainMilliseconds.toFixed(1),
        one.ratio.toFixed(1),
      ]),
    );
    if (values.json) console.log(JSON.stringify({ rows, searches }));
    return searches.every(({ ratio }) => ratio > 1);
  } finally {
    await store.close();
  }
}

async function measure(search: (filter: AuditFilter) => Promise<unknown>): Promise<Map<string, number>> {
  const medians = new Map<string, number>();
  for (const [name, asked] of Object.entries(SEARCHES)) {
    const filter = AuditFilter.parse(asked);
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const start = performance.now();
      await search(filter);
      times.push(performance.now() - start);
    }
    medians.set(name, median(times));
  }
  return medians;
}

/** What somebody would write who has neither indexes nor a reason to think of them. */
async function plainSearch(db: Kysely<Database>, filter: AuditFilter): Promise<void> {
  const { person, action, vault, result, from, to } = filter;
  const holds = (column: string, text: string) => sql<boolean>`${sql.ref(column)} ilike ${`%${text}%`}`;
  await db
    .selectFrom("audit")
    .selectAll()
    .$if(person !== "", (query) => query.where(holds("who", person)))
    .$if(action !== "", (query) => query.where(holds("action", action)))
    .$if(vault !== "", (query) => query.where(holds("vault_id", vault)))
    .$if(result !== "", (query) => query.where("result", result === "ok" ? "=" : "<>", "ok"))
    .$if(from !== "", (query) => query.where("at", ">=", new Date(`${from}T00:00:00Z`)))
    .$if(to !== "", (query) => query.where("at", "<=", new Date(`${to}T23:59:59.999Z`)))
    .orderBy("at", "desc")
    .limit(100)
    .execute();
}

/** A row a minute by forty people in 10,000 vaults, and the rare things that somebody then looks for. */
async function fill(db: Kysely<Database>, rows: number): Promise<void> {
  await sql`
    insert into audit (at, tid, oid, who, action, vault_id, before, after, result)
    select timestamptz '2026-01-01' + n * interval '1 minute', 'tenant', 'person-' || (n % 40),
      case when n % 5000 = 0 then 'Rare Rita' else 'Person ' || (n % 40) end,
      case when n % 2000 = 0 then 'settings.change'
        else (array['deployment.start', 'decoy.write', 'grant.give', 'grant.revoke', 'register.add', 'register.publish'])[1 + n % 6] end,
      '/subscriptions/00000000-0000-4000-8000-000000000001/resourcegroups/rg/providers/microsoft.keyvault/vaults/kv-' || (n % 10000),
      '{}'::jsonb, jsonb_build_object('deployment', n, 'item', n),
      case when n % 4001 = 0 then 'Azure did not answer' else 'ok' end
    from generate_series(1, ${rows}::integer) n`.execute(db);
  await sql`analyze audit`.execute(db);
}
