import {
  appendFileSync,
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  truncateSync,
  writeSync,
} from "node:fs";
import path from "node:path";

const NEWLINE = 0x0a;
const CHUNK_BYTES = 1 << 20;

/**
 * Calls `take` with each whole line of a file and its length in bytes. A last line without an end was being written when
 * its process died: it was promised to nobody, and is cut off.
 *
 * @returns the file's length in bytes
 */
export function readLines(file: string, take: (line: string, bytes: number) => void): number {
  const descriptor = openSync(file, "r");
  let whole = 0;
  let rest: Buffer[] = [];
  try {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    for (let read = readSync(descriptor, chunk); read > 0; read = readSync(descriptor, chunk)) {
      let start = 0;
      for (let end = chunk.indexOf(NEWLINE); end >= 0 && end < read; end = chunk.indexOf(NEWLINE, start)) {
        const line = Buffer.concat([...rest, chunk.subarray(start, end)]);
        rest = [];
        start = end + 1;
        whole += line.length + 1;
        if (line.length > 0) take(line.toString("utf8"), line.length + 1);
      }
      if (start < read) rest.push(Buffer.from(chunk.subarray(start, read)));
    }
  } finally {
    closeSync(descriptor);
  }
  if (rest.length > 0) truncateSync(file, whole);
  return whole;
}

/** A file that lines are added to, and that can be replaced by a shorter one that says the same. */
export class JournalFile {
  private descriptor: number;

  /** Makes the file when there is none. `size` is its length in bytes. */
  constructor(
    private readonly file: string,
    private size: number,
  ) {
    rmSync(draftOf(file), { force: true });
    if (!existsSync(file)) appendFileSync(file, "", { mode: 0o600 });
    this.descriptor = openSync(file, "a");
  }

  get bytes(): number {
    return this.size;
  }

  /** Adds one line with its end. A line that could not be written whole is taken back, so that the next one is not lost. */
  append(line: string): void {
    try {
      this.size += writeWhole(this.descriptor, line);
    } catch (error) {
      ftruncateSync(this.descriptor, this.size);
      throw error;
    }
  }

  /**
   * Puts other lines in the place of all that there are. The file is at any moment the old one or the whole new one; a
   * draft that was cut off by a kill is removed when the file is opened next.
   */
  replace(lines: Iterable<string>): void {
    const draft = draftOf(this.file);
    const descriptor = openSync(draft, "w", 0o600);
    let size = 0;
    try {
      for (const line of lines) size += writeWhole(descriptor, line);
      fsyncSync(descriptor);
    } catch (error) {
      rmSync(draft, { force: true });
      throw error;
    } finally {
      closeSync(descriptor);
    }
    renameSync(draft, this.file);
    syncFolder(path.dirname(this.file));
    closeSync(this.descriptor);
    this.descriptor = openSync(this.file, "a");
    this.size = size;
  }

  close(): void {
    closeSync(this.descriptor);
  }
}

function draftOf(file: string): string {
  return `${file}.draft`;
}

function writeWhole(descriptor: number, text: string): number {
  const bytes = Buffer.from(text, "utf8");
  for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written);
  return bytes.length;
}

/** Makes the rename itself durable, where folders can be opened for that. */
function syncFolder(folder: string): void {
  if (process.platform === "win32") return;
  const descriptor = openSync(folder, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
