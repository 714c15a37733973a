import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { noteTenant, readTenantNote, TENANT_NOTE } from "./tenant-note";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "note-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("a note is read by this account alone, and gone after the product", () => {
  // One that others could read is replaced, not written over.
  writeFileSync(path.join(folder, TENANT_NOTE), "{}", { mode: 0o644 });
  const forget = noteTenant(folder, { SIMULATOR_URL: "http://127.0.0.1:1" });
  expect(readTenantNote(folder)).toEqual({ SIMULATOR_URL: "http://127.0.0.1:1" });
  if (process.platform !== "win32") expect(statSync(path.join(folder, TENANT_NOTE)).mode & 0o077).toBe(0);
  forget();
  expect(readTenantNote(folder)).toEqual({});
});
