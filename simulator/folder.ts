import { generateKeyPair, generateKeyPairSync, type RSAKeyPairOptions } from "node:crypto";
import { existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import http from "node:http";
import path from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import type { TenantSeed } from "./identity";

/** The folder cannot be used; the message is a sentence with what to do. */
export class FolderError extends Error {}

const TenantNote = z.object({
  seed: z.number().int(),
  vaults: z.number().int(),
  firstStart: z.number().int(),
  bare: z.literal(true).optional(),
});
/** What the tenant of a folder was made of. `bare` is as it was at first: how it was asked for later does not count. */
type TenantNote = TenantSeed & { bare?: true | undefined };
const LockNote = z.object({ pid: z.number().int(), port: z.number().int().optional() });

const generateKeyPairAside = promisify(generateKeyPair);
const KEY_OPTIONS: RSAKeyPairOptions<"pem", "pem"> = {
  modulusLength: 2048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
};

/** Another process that has not yet written its port is believed for this long. */
const STARTING_MS = 60_000;

/** The simulated tenant's own folder inside the data folder. */
export function tenantFolder(dataDir: string): string {
  return path.join(path.resolve(dataDir), "simulator");
}

/**
 * Reads what the tenant in this folder was made of, or notes it for a new one. A folder of another seed or size is
 * refused: its journal would be replayed over the wrong world.
 */
export function readOrCreateTenant(
  folder: string,
  wanted: { seed: number; vaults: number; bare?: true },
  now: number,
): TenantNote {
  const file = path.join(folder, "tenant.json");
  if (!existsSync(file)) {
    const note: TenantNote = { ...wanted, firstStart: now };
    writeAtomically(file, JSON.stringify(note));
    return note;
  }
  const parsed = TenantNote.safeParse(parseJson(readFileSync(file, "utf8")));
  if (!parsed.success) throw new FolderError(`${file} is damaged. Remove the folder ${folder} to start a new tenant.`);
  const note = parsed.data;
  if (note.seed !== wanted.seed || note.vaults !== wanted.vaults) {
    throw new FolderError(
      `${folder} holds a simulated tenant of ${note.vaults} vaults made with seed ${note.seed}; ` +
        `${wanted.vaults} vaults with seed ${wanted.seed} were asked for. Use the old values, another folder, or remove this one.`,
    );
  }
  return note;
}

/**
 * The RSA key that signs tokens, as PEM; kept in the folder with mode 0600 so that tokens stay valid over a restart, a
 * passing one without a folder. Making one takes a third of a second, which another thread spends.
 */
export async function signingKeyOf(folder: string | undefined): Promise<string> {
  const file = folder === undefined ? undefined : path.join(folder, "signing-key.pem");
  if (file !== undefined && existsSync(file)) return readFileSync(file, "utf8");
  const { privateKey } = await generateKeyPairAside("rsa", KEY_OPTIONS);
  if (file !== undefined) writeAtomically(file, privateKey);
  return privateKey;
}

/** A key for a tenant that cannot wait for one. */
export function newSigningKey(): string {
  return generateKeyPairSync("rsa", KEY_OPTIONS).privateKey;
}

export interface FolderLock {
  /** Notes where this process answers, so that a later one can tell a living holder from a reused process id. */
  announce(port: number): void;
  release(): void;
}

/** Makes this process the only one in the folder; throws `FolderError` naming the holder. */
export async function lockFolder(folder: string): Promise<FolderLock> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = path.join(folder, "lock.json");
  for (let attempt = 0; attempt < 5; attempt++) {
    if (createExclusively(file, JSON.stringify({ pid: process.pid }))) {
      return {
        announce: (port) => writeAtomically(file, JSON.stringify({ pid: process.pid, port })),
        release: () => rmSync(file, { force: true }),
      };
    }
    const seen = readText(file);
    if (seen === undefined) continue;
    const holder = await livingHolder(file, seen);
    if (holder !== undefined) {
      throw new FolderError(
        `${folder} is in use by the simulated tenant of process ${holder}. Stop it first, or use another folder.`,
      );
    }
    removeStale(file, seen);
  }
  throw new FolderError(`${folder} could not be locked: another process keeps taking it. Try again.`);
}

/** Written whole and then linked, so that nobody ever reads half a lock. */
function createExclusively(file: string, text: string): boolean {
  const own = `${file}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  writeFileSync(own, text, { mode: 0o600 });
  try {
    linkSync(own, file);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(own, { force: true });
  }
}

async function livingHolder(file: string, text: string): Promise<number | undefined> {
  const note = LockNote.safeParse(parseJson(text));
  if (!note.success || note.data.pid === process.pid || !isAlive(note.data.pid)) return undefined;
  const { pid, port } = note.data;
  if (port !== undefined) return (await answers(pid, port)) ? pid : undefined;
  const age = Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0);
  return age < STARTING_MS ? pid : undefined;
}

function removeStale(file: string, seen: string): void {
  const aside = `${file}.stale.${process.pid}`;
  try {
    renameSync(file, aside);
  } catch {
    return; // someone else removed it
  }
  // Another process may have taken over in between: then what was moved is its fresh lock, and goes back.
  if (readText(aside) !== seen) renameSync(aside, file);
  else rmSync(aside, { force: true });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** Whether that process is the one behind the port. A port that is taken but silent counts: it may just be busy. */
function answers(pid: number, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const request = http.get(
      { host: "127.0.0.1", port, path: "/sim/health", timeout: 3000, agent: false },
      (answer) => {
        let text = "";
        answer.setEncoding("utf8");
        answer.on("data", (chunk: string) => {
          text += chunk;
        });
        answer.on("end", () => resolve(LockNote.safeParse(parseJson(text)).data?.pid === pid));
        answer.on("error", () => resolve(true));
      },
    );
    request.on("timeout", () => {
      resolve(true);
      request.destroy();
    });
    request.on("error", () => resolve(false));
  });
}

function writeAtomically(file: string, text: string): void {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${process.pid}.draft`;
  writeFileSync(draft, text, { mode: 0o600 });
  renameSync(draft, file);
}

function readText(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
