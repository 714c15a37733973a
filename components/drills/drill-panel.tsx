"use client";
import { Button, Field, Radio, RadioGroup } from "@fluentui/react-components";
import { useState } from "react";
import { useAction } from "@/components/api/use-action";
import type { VaultAddress } from "@/components/api/use-vault";
import { FailureNotice } from "@/components/ui/failure-notice";
import { Card } from "@/components/ui/page";
import { Badge } from "@/components/ui/state-badge";
import { Wait } from "@/components/ui/wait";
import type { VaultDetail } from "@/lib/coverage/board.pure";
import type { DrillRead, DrillView, VaultDrills } from "@/lib/drills/drills.pure";
import { DrillEntry, DrillRight } from "./drill-entry";
import { DrillStages } from "./drill-stages";
import { drillLook, durationWords } from "./drill-words";
import s from "./drills.module.css";
import { isUnderWay, type StartDrill, useRefreshDrills, useVaultDrills } from "./use-drills";

interface DrillPanelProps {
  vaultId: string;
  address: VaultAddress;
  start: StartDrill;
  /** Whether the person may have a right to read given here, and why not. */
  mayGive: Pick<VaultDetail["may"], "giveReads" | "giveReadsReason">;
}

/** Touching a honeytoken of this vault on purpose, watching what follows, and what earlier drills have shown. */
export function DrillPanel({ address, ...rest }: DrillPanelProps) {
  const drills = useVaultDrills(address);
  return (
    <Card title="Drill">
      {drills.isError && <FailureNotice error={drills.error} onRetry={() => drills.refetch()} />}
      {drills.isPending && <Wait>Reading the drills</Wait>}
      {drills.data && <Drills data={drills.data} {...rest} />}
    </Card>
  );
}

function Drills({ data, vaultId, start, mayGive }: Omit<DrillPanelProps, "address"> & { data: VaultDrills }) {
  const [read, setRead] = useState<DrillRead>("denied");
  const refresh = useRefreshDrills();
  const starting = useAction(start, refresh);
  const running = data.drills.find(isUnderWay);
  const ended = data.drills.filter((drill) => !isUnderWay(drill));
  return (
    <>
      <div className={s.start}>
        <p>
          Touches a honeytoken on purpose, by an identity that has no right anywhere, and follows it to its incident. An
          incident that holds nothing else is closed by itself.
        </p>
        {data.mayDrill ? (
          <>
            <ReadChoice read={read} choose={setRead} mayGive={mayGive} />
            <Button
              disabled={starting.isPending || running !== undefined}
              onClick={() => starting.mutate({ vaultId, read })}
            >
              {starting.isPending ? "Starting…" : running ? "A drill is under way" : "Start a drill"}
            </Button>
          </>
        ) : (
          <p className={s.note}>{data.mayDrillReason}</p>
        )}
        {starting.isError && <FailureNotice error={starting.error} />}
      </div>
      <div aria-live="polite">{running && <Running drill={running} lateAfter={data.lateAfter} />}</div>
      {ended.length > 0 ? (
        <ul aria-label="Earlier drills">
          {ended.map((drill) => (
            <DrillEntry key={drill.id} drill={drill} />
          ))}
        </ul>
      ) : (
        !running && <p className={s.none}>No drill has been made in this vault yet.</p>
      )}
    </>
  );
}

interface ReadChoiceProps extends Pick<DrillPanelProps, "mayGive"> {
  read: DrillRead;
  choose: (read: DrillRead) => void;
}

/** How the vault is to answer: by a refusal, or under a right that is given for moments. */
function ReadChoice({ read, choose, mayGive: { giveReads, giveReadsReason } }: ReadChoiceProps) {
  return (
    <Field label="How it is touched">
      <RadioGroup value={read} onChange={(_, { value }) => choose(value === "permitted" ? "permitted" : "denied")}>
        <Radio value="denied" label="A refused read: needs no right" />
        <Radio
          value="permitted"
          disabled={!giveReads}
          label={
            <>
              A permitted read: proves that a read which succeeds is seen too
              <span className={s.choiceNote}>
                {giveReads
                  ? "That identity gets a right to list and read in this vault, which may take up to ten minutes, reads one honeytoken and loses the right again. What it reads is kept nowhere."
                  : giveReadsReason}
              </span>
            </>
          }
        />
      </RadioGroup>
    </Field>
  );
}

function Running({ drill, lateAfter }: { drill: DrillView; lateAfter: number }) {
  return (
    <div className={s.running}>
      <div className={s.entryHead}>
        <Badge look={drillLook(drill)} />
        <span className={s.by}>{drill.by === null ? "by the schedule" : `by ${drill.by}`}</span>
      </div>
      <DrillRight drill={drill} />
      <DrillStages drill={drill} />
      <p className={s.note}>After {durationWords(lateAfter)} it is late. You may leave this page.</p>
    </div>
  );
}
