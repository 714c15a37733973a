"use client";
import { Button } from "@fluentui/react-components";
import { lazy, Suspense } from "react";
import { ADMINISTRATOR, ANALYST } from "@/components/session/roles";
import { useSession } from "@/components/session/session-context";
import { plural } from "@/components/ui/plural";
import type { DrillOfferProps } from "./drill-offer";

const DrillOffer = lazy(() => import("./drill-offer").then((file) => ({ default: file.DrillOffer })));

/**
 * Offers to drill many vaults, to analysts and administrators; nothing to everybody else. Loaded after the page, whose first
 * load has a budget: nobody drills before looking at it. Its room is taken from the start, so that no other button moves
 * under somebody's pointer.
 */
export function LazyDrillOffer(props: DrillOfferProps) {
  const { roles } = useSession();
  if (!roles.includes(ADMINISTRATOR) && !roles.includes(ANALYST)) return null;
  return (
    <Suspense fallback={<Button disabled>Drill {plural(props.vaults, "vault")}…</Button>}>
      <DrillOffer {...props} />
    </Suspense>
  );
}
