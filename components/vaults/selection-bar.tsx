"use client";
import { Button } from "@fluentui/react-components";
import { DrillOffer } from "@/components/drills/drill-offer";
import type { StartDrills } from "@/components/drills/use-drills";
import type { PlanOpener } from "@/components/plan/use-plan-dialog";
import { plural } from "@/components/ui/plural";
import { useSelection } from "./select-box";
import type { VaultSelection } from "./selection";
import s from "./selection-bar.module.css";

/** How many vaults are selected and what can be planned for them; nothing while none is. */
export function SelectionBar({
  selection,
  startDrills,
  onNear,
  onAsk,
}: PlanOpener & { selection: VaultSelection; startDrills: StartDrills }) {
  const { ids, filter, problem } = useSelection(selection);
  const count = ids.size;
  const near = { onPointerEnter: onNear, onFocus: onNear };
  if (count === 0 && problem === null) return null;
  return (
    <section className={s.bar} aria-label="Selection">
      <div className={s.words} role="status">
        <span className={s.count}>{plural(count, "vault")} selected</span>
        {filter && <span className={s.note}>All that the filter shows</span>}
        {problem !== null && <span className={s.problem}>{problem}</span>}
      </div>
      <div className={s.buttons}>
        <Button
          appearance="primary"
          disabled={count === 0}
          {...near}
          onClick={(event) => onAsk({ operation: "plant", selection: selection.toInput(), vaults: count }, event)}
        >
          Plan honeytokens for {plural(count, "vault")}
        </Button>
        <Button
          disabled={count === 0}
          {...near}
          onClick={(event) => onAsk({ operation: "retire", selection: selection.toInput(), vaults: count }, event)}
        >
          Plan removal…
        </Button>
        <Button
          disabled={count === 0}
          {...near}
          onClick={(event) => onAsk({ operation: "replace", selection: selection.toInput(), vaults: count }, event)}
        >
          Plan replacement…
        </Button>
        <DrillOffer start={startDrills} selection={() => selection.toInput()} vaults={count} />
        <Button appearance="subtle" onClick={selection.clear}>
          Clear
        </Button>
      </div>
    </section>
  );
}
