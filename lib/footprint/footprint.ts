import "server-only";
import type { UserContext } from "@/lib/context";
import { AppError, needsPerson } from "@/lib/errors";
import { type FootprintView, TRACE_KINDS } from "./footprint.pure";
import { directoryTraces } from "./internal/directory-traces";
import { logTraces } from "./internal/log-traces";
import { policyTraces } from "./internal/policy-traces";
import { registerReaders } from "./internal/register-readers";
import { resourceTraces } from "./internal/resource-traces";
import { roleTraces } from "./internal/role-traces";
import type { Source } from "./internal/trace";
import { workspaceTraces } from "./internal/workspace-traces";

const SOURCES: readonly Source[] = [
  ...resourceTraces,
  ...policyTraces,
  ...workspaceTraces,
  ...roleTraces,
  ...directoryTraces,
  ...logTraces,
];

/**
 * What others can see in Azure of what this product does, and who can read the register: asked now, with the rights of the
 * person who asks. A source that cannot be read is named and hides none of the others.
 *
 * @throws AppError `step_up` and `signed_out`, which only the person can do something about
 */
export async function readFootprint(ctx: UserContext): Promise<FootprintView> {
  const unread: FootprintView["unread"] = [];
  const notes: string[] = [];
  const orNone = async <T>(what: string, ask: () => Promise<T[]>): Promise<T[]> => {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof AppError) || needsPerson(error)) throw error;
      unread.push({ what, problem: error.failure.message, fix: error.failure.fix ?? "" });
      return [];
    }
  };
  const [found, readers] = await Promise.all([
    Promise.all(SOURCES.map(({ what, read }) => orNone(what, () => read(ctx, (note) => notes.push(note))))),
    orNone("Who can read the register", () => registerReaders(ctx)),
  ]);
  const traces = found.flat().toSorted((a, b) => TRACE_KINDS.indexOf(a.kind) - TRACE_KINDS.indexOf(b.kind));
  return { traces, readers, unread, notes, readAt: ctx.now().toISOString() };
}
