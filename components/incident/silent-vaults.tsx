import { Age, LocalTime } from "@/components/ui/age";
import table from "@/components/ui/list-table.module.css";
import { Card } from "@/components/ui/page";
import { Badge } from "@/components/ui/state-badge";
import type { IncidentView, SilentVault } from "@/lib/incidents/incident.pure";
import { VaultName } from "./foreign";
import { SILENT_LOOK, SPEAKS_LOOK } from "./incident-words";
import { Part } from "./part";

/** The vaults that had fallen silent, and whether rows of them arrive by now. */
export function SilentVaults({ silent, at }: { silent: IncidentView["silent"]; at: string }) {
  return (
    <Card title="Silent vaults">
      <Part
        part={silent}
        empty="By now no vault with a honeytoken lacks rows from that time: they came late, or its honeytoken is gone."
        more="These are the first 200."
      >
        {(rows) => (
          <table className={table.table} aria-label="Silent vaults">
            <thead>
              <tr>
                <th scope="col">Vault</th>
                <th scope="col">State</th>
                <th scope="col">Last row before the incident</th>
                <th scope="col">Newest row</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <Row key={row.vaultId} row={row} at={at} />
              ))}
            </tbody>
          </table>
        )}
      </Part>
    </Card>
  );
}

const NONE = "None in the three days before";

function Row({ row: { vaultId, lastBefore, lastRow }, at }: { row: SilentVault; at: string }) {
  const speaks = lastRow !== null && Date.parse(lastRow) > Date.parse(at);
  return (
    <tr>
      <th scope="row">
        <VaultName id={vaultId} />
      </th>
      <td data-label="State" data-wide>
        <Badge look={speaks ? SPEAKS_LOOK : SILENT_LOOK} />
      </td>
      <td data-label="Last row before the incident">{lastBefore === null ? NONE : <LocalTime at={lastBefore} />}</td>
      <td data-label="Newest row">{speaks ? <Age at={lastRow} /> : "None since"}</td>
    </tr>
  );
}
