"use client";
import { LocalTime } from "@/components/ui/age";
import { Notice } from "@/components/ui/notice";
import { PassingButton } from "@/components/ui/passing-button";
import { plural } from "@/components/ui/plural";
import type { DeploymentView } from "@/lib/deployments/views.pure";
import type { Control } from "./controls";

interface ApprovalProps {
  deployment: DeploymentView;
  control: Control;
}

/** While a plan is in one of these, an approval that it needs is still to come. */
const OPEN: readonly DeploymentView["state"][] = ["planning", "planned", "awaiting_approval"];

/** Whether a second administrator has to agree, why, and what that person said. */
export function Approval({ deployment, control }: ApprovalProps) {
  const { approval, state, may, requestedBy, leftOut } = deployment;
  const why = approval.reason ?? "The settings ask for it.";
  if (approval.state === "not_needed") return null;
  // A plan that was thrown away or ran out is nobody's to approve any more.
  if (approval.state === "needed" && !OPEN.includes(state)) return null;
  if (approval.state === "needed") {
    return (
      <Notice
        intent="warning"
        title={may.approve ? `${requestedBy} asks for your approval` : "A second administrator has to approve this"}
        actions={may.approve && <Decision control={control} />}
      >
        <p>
          {why} {may.approve || sentenceFor(state, requestedBy)}
        </p>
        {may.approve && leftOut > 0 && (
          <p>What you decide also holds for {plural(leftOut, "vault")} that you may not read in Azure.</p>
        )}
      </Notice>
    );
  }
  const given = approval.state === "given";
  return (
    <Notice intent={given ? "success" : "error"} title={given ? "Approved" : "Refused"}>
      <p>
        {given ? "Approved" : "Refused"} by {approval.by ?? "an administrator"}
        {approval.at !== null && (
          <>
            , <LocalTime at={approval.at} />
          </>
        )}
        . {why}
      </p>
    </Notice>
  );
}

function sentenceFor(state: DeploymentView["state"], requestedBy: string): string {
  if (state === "planned") return "It can be approved once it has been started.";
  return `Any administrator but ${requestedBy} can approve it on this page.`;
}

function Decision({ control }: { control: Control }) {
  return (
    <>
      <PassingButton appearance="primary" disabled={control.isPending} onClick={() => control.mutate("approve")}>
        Approve
      </PassingButton>
      <PassingButton disabled={control.isPending} onClick={() => control.mutate("refuse")}>
        Refuse
      </PassingButton>
    </>
  );
}
