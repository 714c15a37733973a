import "server-only";
import pg from "pg";
import { storeFailure } from "./internal/failures";

/**
 * Sessions that anybody else has with this database of a PostgreSQL server: another process of the product, or a person
 * with a console. Throws AppError `unavailable` when the server does not answer.
 */
export async function otherSessions(databaseUrl: string): Promise<number> {
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 10_000 });
  try {
    await client.connect();
    const { rows } = await client.query<{ sessions: string }>(
      `select count(*) sessions from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'`,
    );
    return Number(rows[0]?.sessions ?? 0);
  } catch (error) {
    throw storeFailure(error);
  } finally {
    await client.end().catch(() => {});
  }
}
