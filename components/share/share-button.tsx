"use client";
import { Button } from "@fluentui/react-components";
import { ShareRegular } from "@fluentui/react-icons";
import Link from "next/link";
import { useState } from "react";
import { toFailure } from "@/components/api/api-error";
import { type Action, runAction } from "@/components/api/use-action";
import { useSession } from "@/components/session/session-context";
import { PLAIN_LENGTH_MAX, type Shared, type ShareRequest } from "@/lib/distribution/share-links.pure";
import s from "./share-button.module.css";

export type ShareView = Action<ShareRequest, Shared>;

type Outcome = { is: "copied" } | { is: "shown"; address: string } | { is: "failed"; message: string };

/** What is said about a copied link goes away again; an address that the person has to copy stays. */
const SAID_FOR_MS = 6_000;

/** Copies the address of exactly what is on screen. A long one gets a short id. */
export function ShareButton({ share }: { share: ShareView }) {
  const { getToken } = useSession();
  const [busy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const copy = async (): Promise<Outcome> => {
    const { origin, pathname, search, href } = window.location;
    const path = pathname + search;
    const short = href.length > PLAIN_LENGTH_MAX;
    // A search may be for the name of a honeytoken, which only the server can tell.
    const { id } = short || search !== "" ? await runAction(share, getToken, { path, short }) : { id: null };
    const address = `${origin}${id === null ? path : `/share/${id}`}`;
    try {
      await navigator.clipboard.writeText(address);
      return { is: "copied" };
    } catch {
      return { is: "shown", address };
    }
  };
  const onClick = async () => {
    setBusy(true);
    const now = await copy().catch((error: unknown): Outcome => {
      const { message, fix = "" } = toFailure(error);
      return { is: "failed", message: `${message} ${fix}`.trim() };
    });
    setBusy(false);
    setOutcome(now);
    if (now.is === "copied") setTimeout(() => setOutcome((is) => (is === now ? null : is)), SAID_FOR_MS);
  };
  return (
    <span className={s.share}>
      <Button
        appearance="subtle"
        icon={<ShareRegular />}
        disabled={busy}
        aria-label="Share this view"
        title="Copy a link to exactly this view"
        onClick={() => void onClick()}
      />
      <span role="status" className={outcome ? s.said : s.quiet}>
        {outcome && <Said outcome={outcome} onClose={() => setOutcome(null)} />}
      </span>
    </span>
  );
}

function Said({ outcome, onClose }: { outcome: Outcome; onClose: () => void }) {
  if (outcome.is === "copied") {
    return (
      <span>
        Link copied. It opens only what the other person may see. <Link href="/share">Shared links</Link>
      </span>
    );
  }
  return (
    <>
      {outcome.is === "failed" ? (
        outcome.message
      ) : (
        <input className={s.address} aria-label="Link to this view" readOnly value={outcome.address} />
      )}
      <Button size="small" onClick={onClose}>
        Close
      </Button>
    </>
  );
}
