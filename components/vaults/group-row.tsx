// biome-ignore-all lint/a11y/useSemanticElements: rows that are placed one by one cannot be a <table>; these roles say the same.
// biome-ignore-all lint/a11y/useFocusableInteractive: only the links and buttons inside are controls; this is a table, not a grid.
import { ChevronDownRegular, ChevronRightRegular } from "@fluentui/react-icons";
import { memo } from "react";
import { COVERAGE_LOOK } from "@/components/ui/state-badge";
import type { BoardRow } from "@/lib/coverage/board.pure";
import { type BoardQuery, STATES, type SubscriptionCounts } from "@/lib/coverage/select.pure";
import { SelectAllBox } from "./select-box";
import type { VaultSelection } from "./selection";
import s from "./vault-list.module.css";

interface GroupRowProps {
  group: SubscriptionCounts;
  /** Its vaults that are shown, folded away or not. */
  rows: readonly BoardRow[];
  /** The board's own; the group's is that one in this subscription. */
  query: BoardQuery;
  selection: VaultSelection;
  folded: boolean;
  index: number;
  top: number;
  columns: number;
  onToggle: (subscriptionId: string) => void;
}

/** The heading of a subscription: folds its vaults away, and says how they stand. */
export const GroupRow = memo(function GroupRow(props: GroupRowProps) {
  const { group, rows, query, selection, folded, index, top, columns, onToggle } = props;
  const Chevron = folded ? ChevronRightRegular : ChevronDownRegular;
  return (
    <div role="row" aria-rowindex={index} className={s.group} style={{ transform: `translateY(${top}px)` }}>
      <div role="cell" aria-colspan={columns} className={s.groupCell}>
        <SelectAllBox
          label={`Select the vaults of ${group.subscription}`}
          rows={rows}
          filter={{ ...query, subscriptions: [group.subscriptionId] }}
          oneByOne
          selection={selection}
        />
        <button type="button" className={s.fold} aria-expanded={!folded} onClick={() => onToggle(group.subscriptionId)}>
          <Chevron aria-hidden />
          <span className={s.groupName}>{group.subscription}</span>
          <span className={s.groupTotal}>
            {group.total} {group.total === 1 ? "vault" : "vaults"}
          </span>
        </button>
        <span className={s.groupCounts}>
          {STATES.map((state) => {
            const { word, tone, icon: Icon } = COVERAGE_LOOK[state];
            if (group[state] === 0) return null;
            return (
              <span key={state} className={s.groupCount} data-tone={tone} title={word}>
                <Icon aria-hidden />
                {group[state]} <span className={s.groupWord}>{word.toLowerCase()}</span>
              </span>
            );
          })}
        </span>
      </div>
    </div>
  );
});
