"use client";
import { useState } from "react";
import type { Plan } from "@/components/plan/plan-dialog";
import { LocalTime } from "@/components/ui/age";
import { Card } from "@/components/ui/page";
import type { VaultDetail } from "@/lib/coverage/board.pure";
import { DecoyActions } from "./decoy-actions";
import s from "./plain-table.module.css";

type Decoys = NonNullable<VaultDetail["decoys"]>;

interface DecoyListProps {
  vaultId: string;
  decoys: Decoys;
  /** Null where replacing and removing is not this person's work. */
  plan: Plan | null;
}

/** The honeytokens of this vault by name. The server sends them to SOC analysts and administrators only. */
export function DecoyList({ vaultId, decoys, plan }: DecoyListProps) {
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const live = decoys.filter(({ state }) => state === "live");
  const chosen = live.filter(({ id }) => ticked.has(id));
  const tick = (id: string, on: boolean) =>
    setTicked(new Set([...ticked].filter((one) => one !== id).concat(on ? [id] : [])));
  return (
    <Card title="Honeytokens in this vault">
      {decoys.length === 0 ? (
        <p className={s.none}>None is registered for this vault.</p>
      ) : (
        <div className={s.scroll}>
          <table className={s.table}>
            <thead>
              <tr>
                <th scope="col">Name</th>
                <th scope="col">Kind</th>
                <th scope="col">State</th>
                <th scope="col">Planted</th>
              </tr>
            </thead>
            <tbody>
              {decoys.map((decoy) => (
                <tr key={decoy.id}>
                  <th scope="row" className={s.code}>
                    {plan && live.length > 1 && decoy.state === "live" ? (
                      <label className={s.choice}>
                        <input
                          type="checkbox"
                          checked={ticked.has(decoy.id)}
                          onChange={(event) => tick(decoy.id, event.target.checked)}
                        />
                        {decoy.name}
                      </label>
                    ) : (
                      decoy.name
                    )}
                  </th>
                  <td data-label="Kind">{decoy.kind === "key" ? "Key" : "Secret"}</td>
                  <td data-label="State">
                    {decoy.broken ?? decoy.state}
                    {decoy.recoverableUntil !== null && (
                      <>
                        , recoverable until <LocalTime at={decoy.recoverableUntil} />
                      </>
                    )}
                  </td>
                  <td data-label="Planted">
                    {decoy.plantedAt === null ? "not known" : <LocalTime at={decoy.plantedAt} />}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {plan && live.length > 0 && (
        <DecoyActions
          vaultId={vaultId}
          decoyIds={(chosen.length > 0 ? chosen : live).map(({ id }) => id)}
          of={live.length}
          plan={plan}
        />
      )}
    </Card>
  );
}
