"use client";
import { Button } from "@fluentui/react-components";
import { useState } from "react";
import type { Plan } from "@/components/plan/plan-dialog";
import { LocalTime } from "@/components/ui/age";
import { Card } from "@/components/ui/page";
import { plural } from "@/components/ui/plural";
import { usePlanDialog } from "@/components/vaults/use-plan-dialog";
import type { VaultDetail } from "@/lib/coverage/board.pure";
import type { Operation } from "@/lib/deployments/views.pure";
import s from "./plain-table.module.css";

type Decoys = NonNullable<VaultDetail["decoys"]>;

interface DecoyListProps {
  vaultId: string;
  decoys: Decoys;
  plan: Plan;
}

/**
 * The honeytokens of this vault by name, and a plan for removing or replacing the chosen ones. The server sends them to
 * SOC analysts and administrators only.
 */
export function DecoyList({ vaultId, decoys, plan }: DecoyListProps) {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const live = decoys.filter(({ state }) => state === "live").map(({ id }) => id);
  // What is gone meanwhile is not chosen any more.
  const ids = live.filter((id) => chosen.has(id));
  const choose = (some: readonly string[], on: boolean) =>
    setChosen(new Set(on ? [...ids, ...some] : ids.filter((id) => !some.includes(id))));
  return (
    <Card title="Honeytokens in this vault">
      {decoys.length === 0 ? (
        <p className={s.none}>None is registered for this vault.</p>
      ) : (
        <div className={s.scroll}>
          <table className={s.table}>
            <thead>
              <tr>
                <td className={s.pick}>
                  <Pick label="Choose all honeytokens" ids={live} chosen={ids} onChoose={choose} />
                </td>
                <th scope="col">Name</th>
                <th scope="col">Kind</th>
                <th scope="col">State</th>
                <th scope="col">Planted</th>
              </tr>
            </thead>
            <tbody>
              {decoys.map((decoy) => (
                <tr key={decoy.id}>
                  <td className={s.pick}>
                    {decoy.state === "live" && (
                      <Pick label={`Choose ${decoy.name}`} ids={[decoy.id]} chosen={ids} onChoose={choose} />
                    )}
                  </td>
                  <th scope="row" className={s.code}>
                    {decoy.name}
                  </th>
                  <td>{decoy.kind === "key" ? "Key" : "Secret"}</td>
                  <td>
                    {decoy.state}
                    {decoy.recoverableUntil !== null && (
                      <>
                        , recoverable until <LocalTime at={decoy.recoverableUntil} />
                      </>
                    )}
                  </td>
                  <td>{decoy.plantedAt === null ? "not known" : <LocalTime at={decoy.plantedAt} />}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {live.length > 0 && <PlanButtons vaultId={vaultId} ids={ids} plan={plan} />}
    </Card>
  );
}

interface PickProps {
  label: string;
  /** What this box stands for; half ticked when some of them are chosen. */
  ids: readonly string[];
  chosen: readonly string[];
  onChoose: (ids: readonly string[], on: boolean) => void;
}

function Pick({ label, ids, chosen, onChoose }: PickProps) {
  const count = ids.filter((id) => chosen.includes(id)).length;
  return (
    <input
      type="checkbox"
      aria-label={label}
      disabled={ids.length === 0}
      checked={ids.length > 0 && count === ids.length}
      ref={(box) => {
        if (box) box.indeterminate = count > 0 && count < ids.length;
      }}
      onChange={(event) => onChoose(ids, event.target.checked)}
    />
  );
}

/** Leads to the plan for the chosen ones; nothing is changed before that is started. */
function PlanButtons({ vaultId, ids, plan }: { vaultId: string; ids: readonly string[]; plan: Plan }) {
  const { dialog, onNear, onAsk } = usePlanDialog(plan);
  const what = ids.length === 0 ? "chosen" : plural(ids.length, "honeytoken");
  const button = (operation: Exclude<Operation, "plant">, verb: string) => (
    <Button
      disabled={ids.length === 0}
      onPointerEnter={onNear}
      onFocus={onNear}
      onClick={(event) =>
        onAsk({ operation, selection: { by: "vaults", vaultIds: [vaultId] }, vaults: 1, decoyIds: ids }, event)
      }
    >
      {`${verb} ${what}…`}
    </Button>
  );
  return (
    <div className={s.buttons}>
      {button("replace", "Replace")}
      {button("retire", "Remove")}
      {dialog}
    </div>
  );
}
