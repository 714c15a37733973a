"use client";
import table from "@/components/ui/list-table.module.css";
import type { RegisterReader } from "@/lib/footprint/footprint.pure";
import s from "./footprint.module.css";

const KINDS: Record<RegisterReader["kind"], string> = {
  User: "Person",
  Group: "Group: its members read it too",
  ServicePrincipal: "Application or identity",
  Other: "Other",
};

/** Everybody who can read the register, with the roles that let them, and where those were given. */
export function ReaderTable({ readers }: { readers: readonly RegisterReader[] }) {
  if (readers.length === 0) return <p className={s.intro}>No role that reads it was found.</p>;
  return (
    <table className={table.table}>
      <thead>
        <tr>
          <th scope="col">Who</th>
          <th scope="col">By which role</th>
          <th scope="col">Given at</th>
        </tr>
      </thead>
      <tbody>
        {readers.map(({ principalId, name, kind, roles, from, direct, ours }) => (
          <tr key={principalId} className={s.row}>
            <th scope="row">
              <strong>{name}</strong>
              <span className={s.where}>{ours ? "This product" : KINDS[kind]}</span>
              {name !== principalId && <span className={s.where}>{principalId}</span>}
            </th>
            <td data-label="By which role" data-wide>
              {roles.join(", ")}
            </td>
            <td data-label="Given at" data-wide>
              {from.join(", ")}
              <span className={s.where}>{direct ? "Directly" : "Inherited"}</span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
