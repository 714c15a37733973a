import { connect as connectTo, createServer, type Socket } from "node:net";

/** PostgreSQL's wire protocol 3.0: AuthenticationCleartextPassword, as Azure asks for a token. */
const ASK_PASSWORD = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 3]);

/** A front of the test server that lets in whoever gives the one token that is valid now, in place of a password. */
export interface TokenFront {
  /** Address of a database behind the front, for a user without a password. */
  url(user: string, database: string): string;
  /** The tokens that clients gave, in order. */
  given: string[];
  valid: string;
  close(): Promise<void>;
}

/** Starts the front on a free loopback port; behind it `server` has to trust this machine, as the test server does. */
export async function startTokenFront(server: { host: string; port: number }, valid: string): Promise<TokenFront> {
  const sockets = new Set<Socket>();
  const given: string[] = [];
  const front = { given, valid };
  const listener = createServer((client) => {
    sockets.add(client);
    client.on("close", () => sockets.delete(client)).on("error", () => client.destroy());
    client.once("data", (startup) => {
      client.write(ASK_PASSWORD);
      client.once("data", (answer) => {
        const token = answer.subarray(5, answer.length - 1).toString();
        front.given.push(token);
        if (token !== front.valid) {
          client.end(turnedAway());
          return;
        }
        const upstream = connectTo(server, () => upstream.write(startup));
        sockets.add(upstream);
        upstream.on("error", () => client.destroy()).on("close", () => sockets.delete(upstream));
        client.pipe(upstream).pipe(client);
      });
    });
  });
  const port = await new Promise<number>((resolve) =>
    listener.listen(0, "127.0.0.1", () => {
      const address = listener.address();
      resolve(typeof address === "object" && address ? address.port : 0);
    }),
  );
  return Object.assign(front, {
    url: (user: string, database: string) => `postgres://${user}@127.0.0.1:${port}/${database}`,
    close: () =>
      new Promise<void>((resolve) => {
        for (const socket of sockets) socket.destroy();
        listener.close(() => resolve());
      }),
  });
}

/** ErrorResponse with PostgreSQL's code for a wrong password. */
function turnedAway(): Buffer {
  const fields = Buffer.from("SFATAL\0C28P01\0Mpassword authentication failed\0\0");
  const head = Buffer.alloc(5);
  head.write("E");
  head.writeInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}
