import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { z } from "zod";
import { freePort } from "./harness/product";
import { runScript } from "./harness/scripts";

/*
 * What the Dockerfile's last stage holds, laid out and run as a container would: only its files, only production packages,
 * a disk that cannot be written to, a user without rights, its own entrance and its own health check. There is no container
 * engine here; the base image and the package installation of the other stages are not run.
 */

const DOCKERFILE = readFileSync("Dockerfile", "utf8");
const lastStage = DOCKERFILE.slice(DOCKERFILE.lastIndexOf("\nFROM "));
const UID = 1000;

const words = (pattern: RegExp) => [...lastStage.matchAll(pattern)].map(([, found = ""]) => found);
/** Paths below /app that are copied from the build. */
const copied = words(/^COPY --from=build (.+) \S+$/gm).flatMap((line) =>
  line.split(" ").map((one) => one.replace("/app/", "")),
);
const command = (name: string) =>
  z.array(z.string()).parse(JSON.parse(words(new RegExp(`^${name} (\\[.*\\])$`, "gm"))[0] ?? "[]"));
const variables = Object.fromEntries(
  words(/^ENV (.+)$/gm).flatMap((line) => line.split(" ").map((pair) => pair.split("=", 2))),
);

test("the image is made of pinned parts, and what it copies is neither missing nor kept out", () => {
  const bases = [...DOCKERFILE.matchAll(/^FROM (\S+)/gm)]
    .map(([, base = ""]) => base)
    .filter((base) => base.includes(":"));
  const [major] = readFileSync(".nvmrc", "utf8").trim().split(".");
  for (const base of bases) expect(base).toMatch(new RegExp(`^node:${major}\\.\\d+\\.\\d+-[a-z]+-slim$`));
  expect(words(/^USER (.+)$/gm)).toEqual(["node"]);
  const letIn = readFileSync(".dockerignore", "utf8")
    .split("\n")
    .filter((line) => line.startsWith("!"))
    .map((line) => line.slice(1));
  for (const file of copied.filter((one) => one !== ".next" && one !== "dist")) {
    expect(existsSync(file), file).toBe(true);
    expect(letIn).toContain(file);
  }
  expect(DOCKERFILE).not.toMatch(/SECRET|PASSWORD|TOKEN/);
});

const isolated = spawnSync("unshare", [
  "--mount",
  "sh",
  "-c",
  "mount -o remount,bind,ro / && setpriv --reuid 1000 true",
]);
const canIsolate = isolated.status === 0;

let root = "";
let running: ChildProcess | undefined;
afterAll(() => {
  running?.kill("SIGKILL");
  if (root) rmSync(root, { recursive: true, force: true });
});

/** Runs a program within /app as the image does: everything read-only but DATA_DIR, as a user without rights. */
function inside(
  program: readonly string[],
  env: Record<string, string>,
): { file: string; args: string[]; env: NodeJS.ProcessEnv } {
  const setUp = `mount -t tmpfs -o mode=700,uid=${UID},gid=${UID} tmpfs "$DATA_DIR" && mount -o remount,bind,ro / && cd ${root}/app`;
  const args = [
    "--mount",
    "sh",
    "-c",
    `${setUp} && exec setpriv --reuid ${UID} --regid ${UID} --clear-groups "$@"`,
    "sh",
    ...program,
  ];
  return {
    file: "unshare",
    args,
    env: { PATH: process.env.PATH, ...variables, DATA_DIR: `${root}/data`, ...env, NODE_ENV: "production" },
  };
}

test.skipIf(!canIsolate)(
  "it starts on a read-only disk as a user without rights, is healthy, and ends when it is told to (skipped where no mount namespace can be made)",
  async () => {
    // The build on disk, and the bundles that a start would else write.
    expect(await runScript("build", {}, ["--whole"])).toMatchObject({ code: 0 });
    root = mkdtempSync(path.join(tmpdir(), "kvh-image-"));
    chmodSync(root, 0o755);
    const app = path.join(root, "app");
    mkdirSync(app);
    mkdirSync(path.join(root, "data"));
    for (const file of copied)
      cpSync(file, path.join(app, file), {
        recursive: true,
        // As COPY does: what the build links to is the image's own, not that of the place it was built at.
        verbatimSymlinks: true,
        filter: (from) => !/^\.next\/(cache|standalone)/.test(from),
      });
    productionPackages(app);

    const port = String(await freePort());
    // Without Azure settings the simulated tenant is started too, which takes no address but this machine's.
    const env = { HOST: "127.0.0.1", PORT: port, SIMULATOR_VAULTS: "8" };
    const started = inside([...command("ENTRYPOINT"), ...command("CMD")], env);
    const child = spawn(started.file, started.args, { env: started.env, stdio: ["ignore", "pipe", "pipe"] });
    running = child;
    let printed = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => (printed += chunk.toString()));
    const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
    const deadline = Date.now() + 240_000;
    while (!printed.includes(`http://localhost:${port}`)) {
      if (child.exitCode !== null || Date.now() > deadline) throw new Error(printed);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    expect(printed).not.toContain("Building");

    const [, ...health] = command("HEALTHCHECK .* CMD");
    const check = (to: string) => spawnSync(process.execPath, health, { env: { ...process.env, PORT: to } }).status;
    expect(check(port)).toBe(0);
    expect(check(String(await freePort()))).toBe(1);

    child.kill("SIGTERM");
    expect(await ended).toBe(0);
    expect(printed).not.toMatch(/EROFS|EACCES/);
  },
  600_000,
);

/** The installed packages without those that the lock file marks as of development only. */
function productionPackages(app: string): void {
  const Lock = z.object({ packages: z.record(z.string(), z.looseObject({ dev: z.boolean().optional() })) });
  const { packages } = Lock.parse(JSON.parse(readFileSync("package-lock.json", "utf8")));
  execFileSync("cp", ["-al", "node_modules", path.join(app, "node_modules")]);
  for (const [file, { dev }] of Object.entries(packages))
    if (dev) rmSync(path.join(app, file), { recursive: true, force: true });
  rmSync(path.join(app, "node_modules", ".cache"), { recursive: true, force: true });
}
