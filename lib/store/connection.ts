import "server-only";

/** Gives the password of a new connection: a token that ends, so it is asked for each time. */
export type DatabasePassword = () => Promise<string>;

/** A PostgreSQL server, and who gives the password where the address holds none. */
export interface ServerAddress {
  url: string;
  password?: DatabasePassword | undefined;
}

type Connection =
  | { connectionString: string }
  | {
      host: string;
      port: number;
      user: string;
      database: string;
      password: DatabasePassword;
      ssl: false | { rejectUnauthorized: true };
    };

/**
 * What `pg` connects with. The address is taken apart where the password comes from elsewhere, because a connection
 * string's own empty password would win over it. The configuration has seen to it that such an address says
 * `sslmode=verify-full` and nothing else, or is on this machine.
 */
export function connectionOf({ url, password }: ServerAddress): Connection {
  if (password === undefined) return { connectionString: url };
  const { hostname, port, username, pathname, searchParams } = new URL(url);
  return {
    host: hostname,
    port: Number(port || 5432),
    user: decodeURIComponent(username),
    database: decodeURIComponent(pathname.slice(1)),
    password,
    ssl: searchParams.get("sslmode") === "verify-full" ? { rejectUnauthorized: true } : false,
  };
}
