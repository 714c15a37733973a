"use client";
import Link from "next/link";
import { LocalTime } from "@/components/ui/age";
import table from "@/components/ui/list-table.module.css";
import { Badge } from "@/components/ui/state-badge";
import { parseVaultId, vaultIdParts, vaultPath } from "@/lib/azure/resource-id.pure";
import type { DrillView } from "@/lib/drills/drills.pure";
import { DrillProblemWords, DrillRight, IncidentWords } from "./drill-entry";
import { drillLook, provenWords } from "./drill-words";
import s from "./drills.module.css";

/** Drills of many vaults. */
export function DrillTable({ drills, caption }: { drills: readonly DrillView[]; caption: string }) {
  return (
    <table className={table.table} aria-label={caption}>
      <thead>
        <tr>
          <th scope="col">Vault</th>
          <th scope="col">State</th>
          <th scope="col">What was shown</th>
        </tr>
      </thead>
      <tbody>
        {drills.map((drill) => (
          <Row key={drill.id} drill={drill} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ drill }: { drill: DrillView }) {
  const vault = parseVaultId(drill.vaultId);
  return (
    <tr>
      <th scope="row" className={s.vault}>
        {vault ? (
          <Link href={vaultPath(vault)} prefetch={false}>
            {vaultIdParts(vault).name}
          </Link>
        ) : (
          drill.vaultId
        )}
        <span className={s.second}>
          <LocalTime at={drill.endedAt ?? drill.notBefore} />
          {drill.by === null ? ", by the schedule" : `, by ${drill.by}`}
        </span>
      </th>
      <td data-label="State">
        <Badge look={drillLook(drill)} />
      </td>
      <td data-label="What was shown" data-wide>
        {provenWords(drill)}
        <DrillRight drill={drill} />
        <DrillProblemWords drill={drill} />
        <IncidentWords drill={drill} />
      </td>
    </tr>
  );
}
