import Link from "next/link";
import { memo } from "react";
import { Age } from "@/components/ui/age";
import { DeploymentBadge } from "@/components/ui/deployment-badge";
import { plural } from "@/components/ui/plural";
import { parseVaultId, vaultIdParts, vaultPath } from "@/lib/azure/resource-id.pure";
import type { ItemPage, Operation } from "@/lib/deployments/views.pure";
import s from "./item-table.module.css";
import { vaultPlan } from "./words";

export type Item = ItemPage["items"][number];

interface ItemRowProps {
  item: Item;
  operation: Operation;
  /** Its place among the `count` rows that have been loaded, from 0. */
  index: number;
  count: number;
  /** Distance from the top of the list, pixels. */
  top: number;
  /** Told of the row's element, whose height follows its words. */
  measure: (row: HTMLElement | null) => void;
}

/** One vault of a deployment: how it stands, and what is done there now or why not. */
export const ItemRow = memo(function ItemRow({ item, operation, index, count, top, measure }: ItemRowProps) {
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
        {sentencesOf(item, operation).map((sentence) => (
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
function sentencesOf(item: Item, operation: Operation): string[] {
  const { state, problem, now, plan, kind, count, recoverableUntil } = item;
  if (problem !== null) return [problem];
  if (now !== null) return [now];
  if (state === "blocked" || state === "skipped") return plan?.reasons ?? [];
  if (state !== "planned" && state !== "queued") {
    // Of what is cancelled nothing was written: what was, is brought to its end and then is done.
    if (state === "cancelled") return [];
    const written = kind === null || count === null || operation === "retire" ? null : plural(count, kind);
    const gone = recoverableUntil && `What was deleted is recoverable until ${recoverableUntil.slice(0, 10)}`;
    return [written, gone].filter((sentence) => sentence !== null);
  }
  return [vaultPlan(operation, item), ...(plan?.warnings ?? [])];
}
