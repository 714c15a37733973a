import Link from "next/link";
import { memo } from "react";
import { Age } from "@/components/ui/age";
import { DeploymentBadge } from "@/components/ui/deployment-badge";
import { plural } from "@/components/ui/plural";
import { parseVaultId, vaultIdParts, vaultPath } from "@/lib/azure/resource-id.pure";
import type { ItemPage } from "@/lib/deployments/views.pure";
import s from "./item-table.module.css";
import { GRANT_WORDS } from "./words";

export type Item = ItemPage["items"][number];

interface ItemRowProps {
  item: Item;
  /** Its place among the `count` rows that have been loaded, from 0. */
  index: number;
  count: number;
  /** Distance from the top of the list, pixels. */
  top: number;
  /** Told of the row's element, whose height follows its words. */
  measure: (row: HTMLElement | null) => void;
}

/** One vault of a deployment: how it stands, and what is done there now or why not. */
export const ItemRow = memo(function ItemRow({ item, index, count, top, measure }: ItemRowProps) {
  const id = parseVaultId(item.vaultId);
  return (
    <li
      ref={measure}
      data-index={index}
      aria-posinset={index + 1}
      aria-setsize={count}
      className={s.row}
      style={{ transform: `translateY(${top}px)` }}
    >
      <div className={s.vault}>
        {/* Fetched when followed: hundreds of rows would otherwise each ask the server while scrolling. */}
        {id ? (
          <Link href={vaultPath(id)} prefetch={false}>
            {item.vaultName}
          </Link>
        ) : (
          item.vaultName
        )}
        {id && <span className={s.group}>{vaultIdParts(id).resourceGroup}</span>}
      </div>
      <div className={s.badge}>
        <DeploymentBadge state={item.state} />
      </div>
      <div className={s.words}>
        {sentencesOf(item).map((sentence) => (
          <p key={sentence}>{sentence}</p>
        ))}
      </div>
      <div className={s.age}>
        <Age at={item.updatedAt} />
      </div>
    </li>
  );
});

/** What happened or happens there, the newest word first; what was planned where nothing has happened yet. */
function sentencesOf({ state, problem, now, plan, kind, count }: Item): string[] {
  if (problem !== null) return [problem];
  if (now !== null) return [now];
  if (state === "blocked" || state === "skipped") return plan?.reasons ?? [];
  const what = kind !== null && count !== null ? plural(count, kind) : null;
  if (state !== "planned" && state !== "queued") return what === null ? [] : [what];
  const through = plan?.way === "arm_key" ? "through Azure Resource Manager" : null;
  const how = [what, through, plan && GRANT_WORDS[plan.grant]].filter((part) => part !== null);
  return [how.join(", "), ...(plan?.warnings ?? [])].filter((sentence) => sentence !== "");
}
