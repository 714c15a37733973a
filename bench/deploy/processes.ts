import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** What the processes of one program have used. */
export interface Usage {
  /** Resident memory now, MB. */
  memory: number;
  /** Processor time so far, seconds; `ps` counts whole ones. */
  busy: number;
}

/**
 * What programs use that this process started, each with what it started itself. From `ps`, which Linux and macOS have.
 *
 * @param programs what each program is known by in its command line
 */
export async function usageOf(...programs: RegExp[]): Promise<Usage[]> {
  const { stdout } = await promisify(execFile)("ps", ["-A", "-o", "pid=,ppid=,rss=,time=,args="], {
    maxBuffer: 16_000_000,
  });
  const lines = stdout.split("\n").flatMap((text) => {
    const [, pid, parent, rss, time = "", args = ""] = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(text) ?? [];
    return pid === undefined ? [] : [{ pid, parent, memory: Number(rss) / 1024, busy: secondsOf(time), args }];
  });
  const ours = new Set([String(process.pid)]);
  for (let known = 0; known < ours.size; ) {
    known = ours.size;
    for (const { pid, parent } of lines) if (parent !== undefined && ours.has(parent)) ours.add(pid);
  }
  return programs.map((program) => {
    const own = lines.filter(({ pid, args }) => ours.has(pid) && program.test(args));
    return {
      memory: own.reduce((sum, { memory }) => sum + memory, 0),
      busy: own.reduce((sum, { busy }) => sum + busy, 0),
    };
  });
}

/** `[[days-]hours:]minutes:seconds` */
function secondsOf(text: string): number {
  const [clock = "", days = "0"] = text.split("-").reverse();
  return clock.split(":").reduce((sum, part) => sum * 60 + Number(part), 0) + Number(days) * 86_400;
}
