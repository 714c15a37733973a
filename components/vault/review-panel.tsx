"use client";
import { Button } from "@fluentui/react-components";
import { CheckmarkCircleRegular, FlagRegular } from "@fluentui/react-icons";
import { useQueryClient } from "@tanstack/react-query";
import { type Action, useAction } from "@/components/api/use-action";
import { refreshVaultReads, type VaultAddress } from "@/components/api/use-vault";
import { Age, LocalTime } from "@/components/ui/age";
import { FailureNotice } from "@/components/ui/failure-notice";
import { Notice } from "@/components/ui/notice";
import { Card } from "@/components/ui/page";
import { Badge, type Look } from "@/components/ui/state-badge";
import type { VaultDetail } from "@/lib/coverage/board.pure";
import s from "./review-panel.module.css";

export type MarkReviewed = Action<{ vaultId: string }, { written: boolean }>;

interface ReviewPanelProps {
  detail: VaultDetail;
  address: VaultAddress;
  markReviewed: MarkReviewed;
}

const FLAGGED: Look = { word: "Flagged", tone: "bad", icon: FlagRegular };
const REVIEWED: Look = { word: "Reviewed", tone: "good", icon: CheckmarkCircleRegular };

/** Whether the owner is asked for a review of this vault, and ending it. Nothing while nobody is asked. */
export function ReviewPanel({ detail, address, markReviewed }: ReviewPanelProps) {
  const { review } = detail;
  if (!review) return null;
  const { tagName, value, drift } = review;
  const { flagged } = detail.vault;
  return (
    <Card title="Review">
      <div className={s.body}>
        <div className={s.head}>
          <Badge look={flagged || drift ? { ...FLAGGED, word: flagged ? "Flagged" : "Not right" } : REVIEWED} />
          <span className={s.tag}>{value === null ? `It has no tag ${tagName}.` : `${tagName}: ${value}`}</span>
        </div>
        {drift && <Drift review={review} />}
        {flagged && <Flagged detail={detail} review={review} address={address} markReviewed={markReviewed} />}
        {!flagged && !drift && (
          <p>The recommendation about this vault clears when Azure evaluates it again, within a day.</p>
        )}
      </div>
    </Card>
  );
}

type Review = NonNullable<VaultDetail["review"]>;

function Drift({ review: { kept, undoneAt } }: { review: Review }) {
  return (
    <Notice intent="warning" title="Marked as reviewed, but not protected">
      The tag says that this vault was reviewed, and it is not protected now.{" "}
      {undoneAt !== null && (
        <>
          If it stays so, the tag is set back <LocalTime at={undoneAt} />.
        </>
      )}
      {undoneAt === null && kept && "The tag is set back when the vault has not been protected for 24 hours."}
    </Notice>
  );
}

function Flagged({ detail, review, address, markReviewed }: ReviewPanelProps & { review: Review }) {
  const client = useQueryClient();
  const marking = useAction(markReviewed, () => refreshVaultReads(client, address));
  if (!review.ready) {
    return (
      <p>
        Its owner is asked for a review. Do what this page asks for; when the vault is protected, it can be marked as
        reviewed{review.kept && ", which happens by itself"}.
      </p>
    );
  }
  if (review.kept && review.value !== null) return <p>The product sets the tag within ten minutes.</p>;
  if (!detail.may.tag) return <p>{detail.may.tagReason}</p>;
  return (
    <>
      <p>
        All that was asked for is done, checked <Age at={detail.vault.checkedAt} />. Marking it writes the tag{" "}
        {review.tagName} in your name and nothing else.
      </p>
      {marking.isError && <FailureNotice error={marking.error} />}
      <Button
        className={s.button}
        appearance="primary"
        disabled={marking.isPending}
        onClick={() => marking.mutate({ vaultId: detail.vault.id })}
      >
        {marking.isPending ? "Marking…" : "Mark as reviewed"}
      </Button>
    </>
  );
}
