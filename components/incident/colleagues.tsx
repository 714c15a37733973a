"use client";
import { useState } from "react";
import { LocalTime } from "@/components/ui/age";
import { Card } from "@/components/ui/page";
import { formatNumber, plural } from "@/components/ui/plural";
import type { IncidentView } from "@/lib/incidents/incident.pure";
import { Foreign, VaultName } from "./foreign";
import s from "./incident.module.css";
import { Part } from "./part";
import { ShowAll } from "./show-all";

/** Shown before somebody asks for all. */
const FIRST = 10;

/** Who else works on the vault: somebody who can say what is normal there. */
export function Colleagues({ colleagues }: { colleagues: IncidentView["colleagues"] }) {
  const [all, setAll] = useState(false);
  return (
    <Card title="Who normally works on this vault">
      <Part
        part={colleagues}
        empty="Nobody else called this vault in the 30 days before."
        more="These are the 100 who come most often."
      >
        {(rows) => {
          const severalVaults = new Set(rows.map(({ vaultId }) => vaultId)).size > 1;
          return (
            <>
              <ul>
                {rows.slice(0, all ? rows.length : FIRST).map((row) => (
                  <li key={`${row.vaultId} ${row.name}`} className={s.entry}>
                    <div className={s.entryHead}>
                      <Foreign>{row.name}</Foreign>
                      {severalVaults && <VaultName id={row.vaultId} />}
                    </div>
                    <span className={s.second}>
                      {plural(row.calls, "call")} on {plural(row.days, "day")}
                      {row.refused > 0 && `, ${formatNumber(row.refused)} refused`}, last <LocalTime at={row.last} />
                    </span>
                  </li>
                ))}
              </ul>
              <ShowAll count={rows.length} shown={all ? rows.length : FIRST} onShow={() => setAll(true)} />
            </>
          );
        }}
      </Part>
    </Card>
  );
}
