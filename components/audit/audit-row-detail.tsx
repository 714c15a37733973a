import { bothTimes } from "@/components/ui/age";
import { OutsideText } from "@/components/ui/outside-text";
import { type AuditRow, resultOf } from "@/lib/audit/audit.pure";
import { type Difference, differences } from "@/lib/audit/differences.pure";
import own from "./audit.module.css";

/** One row in full: exact time, object id, resource, why it was refused or failed, and what changed. */
export function AuditRowDetail({ row }: { row: AuditRow }) {
  const [local, utc] = bothTimes(row.at).split("\n");
  const lines = [
    { name: "Time", value: `${local} (${utc})` },
    { name: "Object id", value: row.oid || "None: the product did this by itself" },
    ...(row.vaultId === null ? [] : [{ name: "Resource", value: row.vaultId }]),
    ...(resultOf(row.result) === "ok" ? [] : [{ name: "Result", value: sentence(row.result) }]),
  ];
  return (
    <div className={own.detail}>
      <dl className={own.lines}>
        {lines.map(({ name, value }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <OutsideText>{value}</OutsideText>
            </dd>
          </div>
        ))}
      </dl>
      <Changes all={differences(row.before, row.after)} />
    </div>
  );
}

function Changes({ all }: { all: readonly Difference[] }) {
  if (all.length === 0) return <p className={own.none}>Nothing was noted about what was before or after.</p>;
  const before = all.some((one) => one.before !== undefined);
  return (
    <table className={own.changes}>
      <caption>{before ? "What changed" : "What was noted"}</caption>
      <thead>
        <tr>
          <th scope="col">Field</th>
          {before && <th scope="col">Before</th>}
          <th scope="col">{before ? "After" : "Value"}</th>
        </tr>
      </thead>
      <tbody>
        {all.map((one) => (
          <tr key={one.path}>
            <th scope="row">
              <OutsideText>{one.path}</OutsideText>
            </th>
            {before && (
              <td>
                {one.before === undefined ? (
                  <Absent />
                ) : (
                  <del>
                    <OutsideText>{one.before}</OutsideText>
                  </del>
                )}
              </td>
            )}
            <td>
              {one.after === undefined ? (
                <Absent />
              ) : before ? (
                <ins>
                  <OutsideText>{one.after}</OutsideText>
                </ins>
              ) : (
                <OutsideText>{one.after}</OutsideText>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Absent() {
  return <span className={own.absent}>not there</span>;
}

/** Results are written for a log: "refused: You may not…". */
function sentence(result: string): string {
  return result.charAt(0).toUpperCase() + result.slice(1);
}
