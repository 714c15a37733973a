import { Notice, Sentences } from "@/components/ui/notice";
import type { Board } from "@/lib/coverage/board.pure";
import s from "./board-notes.module.css";

/** What is missing from the board: sources that failed, and vaults that the background has not reached yet. */
export function BoardNotes({ board }: { board: Board | undefined }) {
  if (board === undefined) return null;
  const { collector, warnings } = board;
  const missing = collector.total - collector.done;
  return (
    <>
      {warnings.length > 0 && (
        <Notice intent="warning" title="This board is incomplete: what could not be checked is shown as unknown">
          <Sentences all={warnings} />
        </Notice>
      )}
      {missing > 0 && (
        <div className={s.collector}>
          <label className={s.label} htmlFor="collector">
            {collector.running
              ? `Checking log settings in the background: ${collector.done} of ${collector.total} vaults.`
              : `${missing} of ${collector.total} vaults wait for their background check.`}
          </label>
          <progress id="collector" className={s.progress} max={collector.total} value={collector.done} />
        </div>
      )}
    </>
  );
}
