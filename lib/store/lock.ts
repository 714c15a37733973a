import "server-only";
import { createHash } from "node:crypto";
import { mkdirSync, realpathSync, statSync, unlinkSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import path from "node:path";
import { AppError } from "../errors";
import { codeOf } from "./internal/failures";

/**
 * Takes the folder for this process, since PGlite itself lets a second process open it and damage it.
 *
 * The lock is a listening local socket, which the system takes back when the process ends, `kill -9` included: on Linux
 * one without a file, on Windows a named pipe. Elsewhere it has a file, and a stale file is removed. It does not reach
 * across hosts or containers: there a PostgreSQL server is the answer.
 *
 * @throws AppError `unavailable` naming the process that holds the folder
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const address = addressOf(folder);
  for (let attempt = 0; attempt < 3; attempt++) {
    const server = await listen(address);
    if (server) {
      server.unref();
      return () => new Promise((resolve) => server.close(() => resolve()));
    }
    const holder = await askHolder(address);
    if (holder !== undefined || !hasFile(address)) throw held(folder, holder);
    unlinkSync(address);
  }
  throw held(folder, undefined);
}

function held(folder: string, holder: string | undefined): AppError {
  const who = holder === undefined ? "another process" : `process ${holder}`;
  return new AppError("unavailable", `The data folder ${folder} is in use by ${who}.`, {
    fix: "Stop that process first, or give this one another DATA_DIR. Several processes need a server: set DATABASE_URL.",
  });
}

/** The same folder gives the same address whatever path leads to it: it is recognised by device and inode. */
function addressOf(folder: string): string {
  const { dev, ino } = statSync(folder, { bigint: true });
  const key = process.platform === "win32" ? realpathSync.native(folder).toLowerCase() : `${dev}:${ino}`;
  const name = `key-vault-honeytokens-${createHash("sha256").update(key).digest("hex").slice(0, 24)}`;
  if (process.platform === "win32") return `\\\\.\\pipe\\${name}`;
  if (process.platform === "linux") return `\0${name}`;
  // Not os.tmpdir(): two processes with different TMPDIR must meet. The name also has to stay below 104 characters.
  return path.join("/tmp", `${name}.sock`);
}

function hasFile(address: string): boolean {
  return address.startsWith("/");
}

/** The listening socket, or undefined when somebody has the address already. */
function listen(address: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      socket.on("error", () => {});
      socket.end(String(process.pid));
    });
    server.once("error", (error) => {
      if (codeOf(error) === "EADDRINUSE" || codeOf(error) === "EACCES") resolve(undefined);
      else reject(error);
    });
    server.listen(address, () => resolve(server));
  });
}

/** The process id that the holder answers with; "?" when it is there but busy, undefined when nobody is there. */
function askHolder(address: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect(address);
    let answer = "";
    socket.setTimeout(2_000, () => {
      socket.destroy();
      resolve("unknown (busy)");
    });
    socket.on("data", (text: Buffer) => {
      answer += text.toString();
    });
    socket.on("end", () => resolve(answer === "" ? undefined : answer));
    socket.on("error", () => resolve(undefined));
  });
}
