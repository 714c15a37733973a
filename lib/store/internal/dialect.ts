import "server-only";
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
  type TransactionSettings,
} from "kysely";
import { traced } from "../../telemetry/spans";
import type { SqlResult, SqlSession, SqlSource } from "./sql";

/** Kysely over either store: one dialect, one driver, and the same errors from both. */
export function dialectFor(source: SqlSource): Dialect {
  return {
    createDriver: () => new SessionDriver(source),
    createQueryCompiler: () => new PostgresQueryCompiler(),
    createAdapter: () => new PostgresAdapter(),
    createIntrospector: (db) => new PostgresIntrospector(db),
  };
}

const OPERATION = /^\s*(select|insert|update|delete|with)\b/i;
/** A quoted name is the query builder's, from the schema. */
const TABLE = /\b(?:from|into|update) "([a-z_]{1,60})"/;

/** As part of a request or a job: what is done to which table, and nothing else of the statement. */
function tracedQuery(sql: string, run: () => Promise<SqlResult>): Promise<SqlResult> {
  const operation = OPERATION.exec(sql)?.[1]?.toLowerCase() ?? "other";
  const table = TABLE.exec(sql)?.[1];
  const attributes = {
    "db.system.name": "postgresql",
    "db.operation.name": operation,
    ...(table !== undefined && { "db.collection.name": table }),
  };
  const name = [operation, table].filter(Boolean).join(" ");
  return traced({ name, kind: "client", attributes, partOnly: true }, run);
}

class SessionDriver implements Driver {
  constructor(private readonly source: SqlSource) {}

  async init(): Promise<void> {}

  async acquireConnection(): Promise<SessionConnection> {
    return new SessionConnection(await this.source.acquire());
  }

  async beginTransaction(connection: SessionConnection, settings: TransactionSettings): Promise<void> {
    const parts = [settings.isolationLevel && `isolation level ${settings.isolationLevel}`, settings.accessMode];
    await connection.session.begin(parts.filter(Boolean).join(", "));
  }

  async commitTransaction(connection: SessionConnection): Promise<void> {
    await connection.session.commit();
  }

  async rollbackTransaction(connection: SessionConnection): Promise<void> {
    await connection.session.rollback();
  }

  async savepoint(connection: SessionConnection, name: string): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw(`savepoint "${name}"`));
  }

  async rollbackToSavepoint(connection: SessionConnection, name: string): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw(`rollback to savepoint "${name}"`));
  }

  async releaseSavepoint(connection: SessionConnection, name: string): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw(`release savepoint "${name}"`));
  }

  async releaseConnection(connection: SessionConnection): Promise<void> {
    connection.session.release();
  }

  /** Who opened the source closes it: the job engine uses it too. */
  async destroy(): Promise<void> {}
}

class SessionConnection implements DatabaseConnection {
  constructor(readonly session: SqlSession) {}

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const result = await tracedQuery(query.sql, () => this.session.query(query.sql, query.parameters));
    // Kysely's own contract: the query that it compiled decides the row type.
    return { rows: result.rows as R[], numAffectedRows: BigInt(result.affectedRows) };
  }

  // biome-ignore lint/correctness/useYield: the interface demands it; nothing in this product streams rows.
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error("This store does not stream rows; page through them.");
  }
}
