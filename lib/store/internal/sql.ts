import "server-only";

export interface SqlResult {
  rows: Record<string, unknown>[];
  affectedRows: number;
}

/** One session of a PostgreSQL, embedded or served, as the Kysely driver and the migrations use it. */
export interface SqlSession {
  query(sql: string, values: readonly unknown[]): Promise<SqlResult>;
  begin(settings: string): Promise<void>;
  commit(): Promise<void>;
  rollback(): Promise<void>;
  release(): void;
}

/** Where sessions come from. */
export interface SqlSource {
  acquire(): Promise<SqlSession>;
  close(): Promise<void>;
}
