import { LocalTime } from "@/components/ui/age";
import { Card } from "@/components/ui/page";
import type { VaultDetail } from "@/lib/coverage/board.pure";
import s from "./plain-table.module.css";

type Decoys = NonNullable<VaultDetail["decoys"]>;

/** The honeytokens of this vault by name. The server sends them to SOC analysts and administrators only. */
export function DecoyList({ decoys }: { decoys: Decoys }) {
  return (
    <Card title="Honeytokens in this vault">
      {decoys.length === 0 ? (
        <p className={s.none}>None is registered for this vault.</p>
      ) : (
        <div className={s.scroll}>
          <table className={s.table}>
            <thead>
              <tr>
                <th scope="col">Name</th>
                <th scope="col">Kind</th>
                <th scope="col">State</th>
                <th scope="col">Planted</th>
              </tr>
            </thead>
            <tbody>
              {decoys.map((decoy) => (
                <tr key={`${decoy.kind}/${decoy.name}`}>
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
    </Card>
  );
}
