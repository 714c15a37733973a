import type { Chore } from "../clock";
import type { Call, Context } from "../context";
import { advanceRemediations, nextDeployment } from "./remediation-run";
import { nextScan } from "./schedule";
import { noteScans, workOff } from "./states";

/** Lets everything of policy that fell due happen: scans are noted, remediations go on. Cheap when nothing is due. */
export function policyTick(context: Context): void {
  advanceRemediations(context);
  noteScans(context);
}

/** The same before a call to ARM. A call that may change something must not change what scans that are due would see. */
export function policyBefore(call: Call): void {
  policyTick(call);
  if (!/^(GET|HEAD)$/.test(call.request.method)) workOff(call);
}

/** Policy's share of what happens by itself. */
export function policyChore(context: Context): Chore {
  return {
    due: (until) => {
      // The first look is the one that changes are told from.
      noteScans(context);
      const next = Math.min(nextScan(context), nextDeployment(context) ?? Number.POSITIVE_INFINITY);
      return next <= until ? next : undefined;
    },
    run: () => policyTick(context),
  };
}
