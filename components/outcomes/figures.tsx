import Link from "next/link";
import type { ReactNode } from "react";
import { durationWords } from "@/components/drills/drill-words";
import { Age, LocalTime } from "@/components/ui/age";
import { formatNumber, plural } from "@/components/ui/plural";
import { parseVaultId, vaultIdParts, vaultPath } from "@/lib/azure/resource-id.pure";
import { type OutcomeDay, WINDOW_DAYS } from "@/lib/outcomes/outcomes.pure";
import s from "./outcomes.module.css";

/** The figures of the newest count, each with how it was counted and how old it is. */
export function OutcomeFiguresList({ day }: { day: OutcomeDay }) {
  const { proven, timeToAlert, benign, oldestUnproven, burnt } = day.figures;
  return (
    <ul className={s.figures} aria-label="Figures">
      <Figure
        title="Proven"
        value={proven.percent === null ? "Unknown" : `${formatNumber(proven.percent)} %`}
        at={day.countedAt}
      >
        {proven.percent === null
          ? "No vault is protected, so there is nothing to prove."
          : `In ${formatNumber(proven.provenVaults)} of ${plural(proven.protectedVaults, "protected vault")} a drill has passed within ${WINDOW_DAYS} days.`}
        {proven.unknownVaults > 0 &&
          ` ${plural(proven.unknownVaults, "vault")} with a honeytoken could not be judged, and count in neither.`}
      </Figure>
      <Figure
        title="Time to alert"
        value={timeToAlert.p50 === null ? "Unknown" : durationWords(timeToAlert.p50)}
        at={day.countedAt}
      >
        {timeToAlert.p50 === null || timeToAlert.p95 === null
          ? `No drill of the last ${WINDOW_DAYS} days has raised an alert.`
          : `Median of ${plural(timeToAlert.drills, "drill")} of the last ${WINDOW_DAYS} days, from the touch to the alert by the service's own clock. The 95th percentile is ${durationWords(timeToAlert.p95)}.`}
      </Figure>
      <Figure
        title="Benign touches per 100 decoy-days"
        value={benign.per100DecoyDays === null ? "Unknown" : formatNumber(benign.per100DecoyDays)}
        at={day.countedAt}
      >
        {benign.touches === null
          ? "The incidents could not be read."
          : `${formatNumber(benign.touches)} ${benign.touches === 1 ? "touch" : "touches"} under an exception or in incidents whose closing says benign or false, over ${formatNumber(benign.decoyDays)} days that honeytokens stood; the last ${WINDOW_DAYS} days, drills left out.`}
      </Figure>
      <Figure
        title="Oldest unproven vault"
        value={oldestUnproven === null ? "None" : <VaultLink vaultId={oldestUnproven.vaultId} />}
        at={day.countedAt}
      >
        {oldestUnproven === null ? (
          "Every protected vault is proven."
        ) : (
          <>
            Without a valid proof since <LocalTime at={oldestUnproven.since} />: since its last drill that passed, or
            since its first honeytoken where none did.
          </>
        )}
      </Figure>
      <Figure
        title="Honeytokens burnt"
        value={burnt.decoys === null ? "Unknown" : formatNumber(burnt.decoys)}
        at={day.countedAt}
      >
        {burnt.decoys === null || burnt.standing === null
          ? "The incidents could not be read."
          : `Touched in incidents of the last ${WINDOW_DAYS} days that were found to be true. ${formatNumber(burnt.standing)} of them still stand; the others were replaced or removed.`}
      </Figure>
    </ul>
  );
}

interface FigureProps {
  title: string;
  value: ReactNode;
  /** When it was counted. */
  at: string;
  /** How it was counted. */
  children: ReactNode;
}

function Figure({ title, value, at, children }: FigureProps) {
  return (
    <li className={s.figure}>
      <h2 className={s.title}>{title}</h2>
      <p className={s.value}>{value}</p>
      <p>{children}</p>
      <p className={s.age}>
        Counted <Age at={at} />
      </p>
    </li>
  );
}

function VaultLink({ vaultId }: { vaultId: string | null }) {
  if (vaultId === null) return "One that you may not read";
  const vault = parseVaultId(vaultId);
  if (!vault) return vaultId;
  return (
    <Link href={vaultPath(vault)} prefetch={false}>
      {vaultIdParts(vault).name}
    </Link>
  );
}
