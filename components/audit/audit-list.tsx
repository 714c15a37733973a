"use client";
import { ChevronDownRegular, ChevronRightRegular } from "@fluentui/react-icons";
import Link from "next/link";
import { memo, type ReactNode, useId, useState } from "react";
import { ExactTime } from "@/components/ui/age";
import s from "@/components/ui/list-table.module.css";
import { OutsideText } from "@/components/ui/outside-text";
import { actionWords } from "@/lib/audit/actions.pure";
import { type AuditRow, deploymentOf } from "@/lib/audit/audit.pure";
import { parseVaultId, vaultPath } from "@/lib/azure/resource-id.pure";
import own from "./audit.module.css";
import { AuditRowDetail } from "./audit-row-detail";
import { ResultBadge } from "./result-badge";

/** The rows of the audit trail; each opens to what was before and after. */
export function AuditList({ rows, more }: { rows: readonly AuditRow[]; more: ReactNode }) {
  return (
    <div className={s.card}>
      {rows.length > 0 && (
        <table className={`${s.table} ${own.table}`}>
          <thead>
            <tr>
              <th scope="col">When</th>
              <th scope="col">Who</th>
              <th scope="col">Action</th>
              <th scope="col">Where</th>
              <th scope="col">Result</th>
            </tr>
          </thead>
          {rows.map((row) => (
            <Row key={row.id} row={row} />
          ))}
        </table>
      )}
      {more && <div className={s.more}>{more}</div>}
    </div>
  );
}

/** A body of its own per row, so that its detail belongs to it. Memoised: a further page draws only what is new. */
const Row = memo(function Row({ row }: { row: AuditRow }) {
  const [open, setOpen] = useState(false);
  const detail = useId();
  const Chevron = open ? ChevronDownRegular : ChevronRightRegular;
  return (
    <tbody>
      <tr className={own.row}>
        <td className={own.when}>
          <button
            type="button"
            className={own.toggle}
            aria-expanded={open}
            aria-controls={detail}
            onClick={() => setOpen(!open)}
          >
            <Chevron aria-hidden />
            <ExactTime at={row.at} />
          </button>
        </td>
        <td className={own.who}>
          <OutsideText>{row.who}</OutsideText>
        </td>
        <th scope="row" className={own.action}>
          <Action action={row.action} />
        </th>
        <td className={own.vault}>
          <Place row={row} />
        </td>
        <td className={own.result}>
          <ResultBadge result={row.result} />
        </td>
      </tr>
      <tr id={detail} hidden={!open} className={own.detailRow}>
        <td colSpan={5}>{open && <AuditRowDetail row={row} />}</td>
      </tr>
    </tbody>
  );
});

/** In words, with the code that the search and the export know. */
function Action({ action }: { action: string }) {
  const words = actionWords(action);
  if (words === undefined) return <span className={s.code}>{action}</span>;
  return (
    <>
      {words}
      <span className={`${s.code} ${own.code}`}>{action}</span>
    </>
  );
}

/** A vault leads to its page; a wider scope is named by its last part; what is about several vaults leads to its deployment. */
function Place({ row }: { row: AuditRow }) {
  const { vaultId: id } = row;
  if (id === null) {
    const deployment = deploymentOf(row);
    if (deployment === undefined) return null;
    return (
      <Link href={`/deployments/${deployment}`} prefetch={false}>
        Deployment
      </Link>
    );
  }
  const vault = parseVaultId(id);
  const name = id.slice(id.lastIndexOf("/") + 1);
  return vault ? (
    <Link href={vaultPath(vault)} prefetch={false}>
      {name}
    </Link>
  ) : (
    <span title={id}>{name}</span>
  );
}
