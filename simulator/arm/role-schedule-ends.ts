import type { Chore } from "../clock";
import type { Context } from "../context";
import type { RoleAssignment } from "../model";
import { changeDocument } from "../resourcegraph/lag";

/** Role assignments of limited time go when their time is over. Until the document is gone it gives nothing any more. */
export function roleScheduleEnds(context: Context): Chore {
  const { roleAssignments } = context.model;
  let seen = -1;
  let next: RoleAssignment | undefined;
  const first = () => {
    if (seen !== roleAssignments.version) {
      seen = roleAssignments.version;
      next = undefined;
      for (const one of roleAssignments.values()) if (endOf(one) < endOf(next)) next = one;
    }
    return next;
  };
  return {
    due: (until) => (endOf(first()) <= until ? endOf(first()) : undefined),
    run: (at) => {
      const ended = first();
      if (ended && endOf(ended) <= at) changeDocument(context, "roleAssignments", ended.id, undefined);
    },
  };
}

function endOf(assignment: RoleAssignment | undefined): number {
  return assignment?.schedule?.endsAt ?? Number.POSITIVE_INFINITY;
}
