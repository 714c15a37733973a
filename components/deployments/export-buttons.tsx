"use client";
import { Button } from "@fluentui/react-components";
import { toFailure } from "@/components/api/api-error";
import { useDeploymentExport } from "@/components/api/use-deployments";
import { plural } from "@/components/ui/plural";
import { saveFile } from "@/components/ui/save-file";
import { toCsv } from "@/lib/csv.pure";
import { DeploymentExport } from "@/lib/deployments/views.pure";
import s from "./deployment.module.css";

const COLUMNS = DeploymentExport.shape.rows.element.keyof().options;

/** Brings what came of every vault as a file. */
export function ExportButtons({ id }: { id: string }) {
  const exporting = useDeploymentExport(id);
  const save = (write: (data: DeploymentExport) => void) => exporting.mutate(undefined, { onSuccess: write });
  return (
    <>
      <Button disabled={exporting.isPending} onClick={() => save(saveCsv)}>
        Export CSV
      </Button>
      <Button disabled={exporting.isPending} onClick={() => save(saveJson)}>
        Export JSON
      </Button>
      {exporting.isSuccess && exporting.data.leftOut > 0 && (
        <p role="status">Exported without {plural(exporting.data.leftOut, "vault")} that you may not read in Azure.</p>
      )}
      {exporting.isError && (
        <p role="alert" className={s.failed}>
          Not exported. {toFailure(exporting.error).message}
        </p>
      )}
    </>
  );
}

function saveCsv({ deployment, rows }: DeploymentExport): void {
  const lines = rows.map((row) => COLUMNS.map((column) => String(row[column])));
  saveFile(`deployment-${deployment.id}.csv`, "text/csv;charset=utf-8", [toCsv(COLUMNS, lines)]);
}

function saveJson(data: DeploymentExport): void {
  saveFile(`deployment-${data.deployment.id}.json`, "application/json", [`${JSON.stringify(data, null, 2)}\n`]);
}
