import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, renameSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { sql } from "kysely";
import { afterEach, expect, test } from "vitest";
import { writeAudit } from "./audit";
import { openStore } from "./open";
import { embeddedPlace, TEST_TENANT } from "./testing/stores";

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

/** A process that opens the store, commits numbers for ever and prints each one after its commit. */
async function writer(dataDir: string): Promise<{ pid: number; kill(): Promise<number> }> {
  const child = spawn(
    process.execPath,
    ["--conditions=react-server", "--import", "tsx", "lib/store/testing/writer.ts", dataDir],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  children.push(child);
  let output = "";
  let started: () => void = () => {};
  const ready = new Promise<void>((resolve, reject) => {
    started = resolve;
    child.once("exit", () => reject(new Error(`The writer ended: ${output}`)));
  });
  child.stdout.on("data", (text: Buffer) => {
    output += text.toString();
    if (output.includes("\n")) started();
  });
  await ready;
  return {
    pid: child.pid ?? 0,
    kill: async () => {
      const ended = new Promise((resolve) => child.once("close", resolve));
      child.kill("SIGKILL");
      await ended;
      const whole = output.slice(0, output.lastIndexOf("\n"));
      return Number(whole.slice(whole.lastIndexOf("\n") + 1));
    },
  };
}

test("a held folder names its process; after kill -9 it opens with all that was acknowledged", async () => {
  const place = embeddedPlace();
  const { dataDir } = place.config;
  for (const round of [1, 2, 3]) {
    const holder = await writer(dataDir);
    await expect(openStore(place.config), `round ${round}`).rejects.toMatchObject({
      failure: { code: "unavailable", message: expect.stringContaining(`in use by process ${holder.pid}`) },
    });
    const acknowledged = await holder.kill();
    // An empty one is what stops PGlite for ever.
    writeFileSync(path.join(dataDir, "db", "postmaster.pid"), "");
    const store = await openStore(place.config);
    const row = await store.db
      .selectFrom("audit")
      .select((builder) => builder.fn.countAll<string>().as("rows"))
      .executeTakeFirstOrThrow();
    expect(Number(row.rows)).toBeGreaterThanOrEqual(acknowledged);
    await store.close();
  }
  await place.remove();
}, 300_000);

test("a start that was killed while it made the folder leaves nothing in the way", async () => {
  const place = embeddedPlace();
  const { dataDir } = place.config;
  const first = await openStore(place.config);
  await first.close();
  rmSync(path.join(dataDir, "db", "PG_VERSION"));
  // The half-made folder of a killed first start has this name.
  renameSync(path.join(dataDir, "db"), path.join(dataDir, "db.creating"));
  const store = await openStore(place.config);
  await store.close();
  await place.remove();
});

test("a full disk is said, and what follows after space was made is recorded again", async (context) => {
  const disk = mkdtempSync(path.join(tmpdir(), "small-disk-"));
  if (spawnSync("mount", ["-t", "tmpfs", "-o", "size=60m", "tmpfs", disk]).status !== 0) {
    rmSync(disk, { recursive: true });
    context.skip("this account may not mount a small disk");
  }
  try {
    const dataDir = path.join(disk, "data");
    mkdirSync(dataDir);
    const store = await openStore({ databaseUrl: undefined, dataDir, tenantId: TEST_TENANT });
    const entry = { by: { tid: TEST_TENANT, system: "test" }, action: "probe", result: "ok" };
    const { bavail, bsize } = statfsSync(disk);
    writeFileSync(path.join(disk, "ballast"), Buffer.alloc(bavail * bsize));
    // A new segment of the log of changes has no place: PostgreSQL panics, which is the worst that a full disk does.
    const fill = async (): Promise<void> => {
      for (let segment = 0; segment < 4; segment++) {
        await writeAudit(store.db, entry, new Date());
        await sql`select pg_switch_wal()`.execute(store.db);
      }
    };
    await expect(fill()).rejects.toMatchObject({
      failure: {
        code: "unavailable",
        message: expect.stringContaining("is full"),
        fix: expect.stringContaining("Free"),
      },
    });
    await expect(writeAudit(store.db, entry, new Date())).rejects.toMatchObject({ failure: { code: "unavailable" } });
    rmSync(path.join(disk, "ballast"));
    await expect
      .poll(
        () =>
          writeAudit(store.db, entry, new Date()).then(
            () => "recorded",
            () => "refused",
          ),
        { timeout: 20_000 },
      )
      .toBe("recorded");
    await store.close();
  } finally {
    spawnSync("umount", [disk]);
    rmSync(disk, { recursive: true, force: true });
  }
});
