import { z } from "zod";

/** Something that is not as it must be. */
export interface Finding {
  /** The validator's code, or one of ours: `NO_DESCRIPTION`, `EMPTY_LIST`, `UNDRIVEN`, `DIFFERS`, `STEP`, `NOT_FLAGGED`. */
  code: string;
  /** Microsoft's id of the operation (`Vaults_Get`), the tenant's own route where there is none, or the step. */
  operation: string;
  /** `response/value/{}/etag`, for an undeclared status `response/404`; empty where no place is meant. */
  path: string;
  message: string;
  /** What was shown at the time: `vaults: get (oldest)`. */
  where: string;
}

const Allowed = z.strictObject({
  code: z.string(),
  operation: z.string(),
  path: z.string(),
  reason: z.string().min(20),
});
/** A finding that is accepted, and why. A `*` at the end of operation or path stands for any rest. */
export type Allowed = z.infer<typeof Allowed>;

/** The shape of the two data files. */
export const AllowList = z.array(Allowed);

/** Splits findings by the list; an entry that no finding needs any more comes back as `unused`. */
export function judge(findings: readonly Finding[], list: readonly Allowed[]) {
  const used = new Set<Allowed>();
  const open = findings.filter((finding) => {
    const entry = list.find(
      ({ code, operation, path }) =>
        code === finding.code && fits(operation, finding.operation) && fits(path, finding.path),
    );
    if (entry) used.add(entry);
    return entry === undefined;
  });
  return { open, allowed: findings.length - open.length, unused: list.filter((entry) => !used.has(entry)) };
}

function fits(wanted: string, given: string): boolean {
  return wanted.endsWith("*") ? given.startsWith(wanted.slice(0, -1)) : wanted === given;
}
