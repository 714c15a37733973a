/*
 * The embedded PostgreSQL, in a thread of its own because it blocks its thread for each statement.
 *
 * A plain module, not TypeScript: the same file is loaded as it is by `next start`, by tsx and by the tests.
 * PGlite as it comes never calls fsync and would lose acknowledged commits at a power cut; this file puts the call
 * back and refuses to serve when one commit does not reach it.
 */
import fs from "node:fs";
import path from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import { PGlite } from "@electric-sql/pglite";
import { NodeFS } from "@electric-sql/pglite/nodefs";

const { folder, template } = workerData;
let syncs = 0;

/** The file system of PGlite with an fsync that reaches the disk (its own is a no-op). */
class SyncedFolder extends NodeFS {
  async init(database, options) {
    const made = await super.init(database, options);
    const preRun = (module) => {
      module.NODEFS.stream_ops.fsync = (stream) => {
        syncs++;
        syncFile(stream.nfd);
        return 0;
      };
    };
    const emscriptenOpts = made.emscriptenOpts;
    return { ...made, emscriptenOpts: { ...emscriptenOpts, preRun: [...(emscriptenOpts.preRun ?? []), preRun] } };
  }
}

function syncFile(descriptor) {
  try {
    fs.fsyncSync(descriptor);
  } catch (error) {
    // Pipes and directories of some file systems cannot be synced; everything else must not be hidden.
    if (error.code !== "EINVAL" && error.code !== "EBADF") throw error;
  }
}

function openFolder(place) {
  return PGlite.create({
    fs: new SyncedFolder(place),
    // fdatasync, PostgreSQL's default, is compiled to nothing in this build; -F would switch fsync off altogether.
    startParams: [
      ...PGlite.defaultStartParams.filter((param) => param !== "-F"),
      "-c",
      "fsync=on",
      "-c",
      "wal_sync_method=fsync",
    ],
    // int8 as text, as the `pg` driver gives it: one shape for both stores.
    parsers: { 20: (value) => value },
  });
}

/** Makes the folder whole or not at all: a kill half-way leaves only `….creating`, which the next start removes. */
async function createFolder() {
  const fresh = `${folder}.creating`;
  fs.rmSync(fresh, { recursive: true, force: true });
  if (template && fs.existsSync(path.join(template, "PG_VERSION"))) {
    fs.cpSync(template, fresh, { recursive: true });
  } else {
    const database = await openFolder(fresh);
    await database.close();
    keepTemplate(fresh);
  }
  syncTree(fresh);
  fs.renameSync(fresh, folder);
  syncPath(path.dirname(folder));
}

/** Initialising takes seconds of CPU, copying does not: the first cluster of this PGlite version serves the next ones. */
function keepTemplate(source) {
  if (!template) return;
  const draft = `${template}.${process.pid}`;
  try {
    fs.mkdirSync(path.dirname(template), { recursive: true });
    fs.cpSync(source, draft, { recursive: true });
    fs.renameSync(draft, template);
  } catch {
    // A read-only installation, or another process was first: the template only saves time.
    fs.rmSync(draft, { recursive: true, force: true });
  }
}

function syncTree(place) {
  for (const entry of fs.readdirSync(place, { withFileTypes: true })) {
    const inner = path.join(place, entry.name);
    if (entry.isDirectory()) syncTree(inner);
    else if (entry.isFile()) syncPath(inner);
  }
  syncPath(place);
}

function syncPath(place) {
  const descriptor = fs.openSync(place, "r");
  try {
    syncFile(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}

/** What crosses the thread: an error loses its class, so its parts are named. */
function plainError(error) {
  return {
    message: String(error?.message ?? error),
    code: error?.code,
    severity: error?.severity,
    detail: error?.detail,
    constraint: error?.constraint,
    table: error?.table,
  };
}

async function open() {
  if (!fs.existsSync(path.join(folder, "PG_VERSION"))) {
    if (fs.existsSync(folder) && fs.readdirSync(folder).length > 0) {
      throw new Error(`The folder ${folder} holds files but no database.`);
    }
    fs.rmSync(folder, { recursive: true, force: true });
    fs.mkdirSync(path.dirname(folder), { recursive: true });
    await createFolder();
  }
  // Left by a killed process; an empty one would stop PGlite for ever. The lock of our own is already ours.
  fs.rmSync(path.join(folder, "postmaster.pid"), { force: true });
  const database = await openFolder(folder);
  const before = syncs;
  await database.query("select pg_logical_emit_message(true, 'guard', '')");
  if (syncs === before) {
    await database.close();
    throw new Error("This build of PGlite does not sync its commits to the disk.");
  }
  return database;
}

let transaction;

/** Holds PGlite's own transaction open, so that its mutex also keeps other users of the one session out. */
function begin(database) {
  return new Promise((resolve, reject) => {
    const ended = database.transaction(
      (statements) =>
        new Promise((commit, rollback) => {
          transaction = { statements, commit, rollback, ended: () => ended };
          resolve();
        }),
    );
    ended.catch(reject);
  });
}

async function settle(how) {
  const current = transaction;
  if (!current) throw new Error("There is no open transaction.");
  transaction = undefined;
  if (how === "commit") {
    current.commit();
    await current.ended();
    return;
  }
  const undone = new Error("rolled back");
  current.rollback(undone);
  await current.ended().catch((error) => {
    if (error !== undone) throw error;
  });
}

function plainResult(result) {
  return { rows: result.rows, affectedRows: result.affectedRows ?? 0 };
}

async function perform(database, { operation, sql, values }) {
  switch (operation) {
    case "query":
      return plainResult(await database.query(sql, values));
    case "exec":
      return (await database.exec(sql)).map(plainResult);
    case "begin":
      return begin(database);
    case "transactionQuery":
      if (!transaction) throw new Error("There is no open transaction.");
      return plainResult(await transaction.statements.query(sql, values));
    case "commit":
    case "rollback":
      return settle(operation);
    case "close":
      return database.close();
    default:
      throw new Error(`Unknown operation ${operation}.`);
  }
}

try {
  const database = await open();
  parentPort.on("message", async (request) => {
    try {
      parentPort.postMessage({ id: request.id, result: await perform(database, request) });
    } catch (error) {
      parentPort.postMessage({ id: request.id, error: plainError(error) });
      // After a panic (the log of changes met a full disk) this instance never answers again; a new one recovers.
      if (error?.severity === "PANIC" || error?.severity === "FATAL") process.exit(1);
    }
  });
  parentPort.postMessage({ ready: true });
} catch (error) {
  parentPort.postMessage({ failed: plainError(error) });
}
