"use client";
import { Button } from "@fluentui/react-components";
import { ArrowDownloadRegular } from "@fluentui/react-icons";
import { memo } from "react";
import { saveFile } from "@/components/ui/save-file";
import { incidentsCsv, incidentsJson } from "@/lib/incidents/export.pure";
import type { Incident } from "@/lib/incidents/select.pure";
import s from "./incidents.module.css";

const FORMATS = {
  csv: { title: "Export CSV", type: "text/csv;charset=utf-8", write: incidentsCsv },
  json: { title: "Export JSON", type: "application/json", write: incidentsJson },
};

/** Saves the incidents that the filters show, in their order. They are asked for on a click: no key draws this again. */
export const IncidentExport = memo(function IncidentExport({ read }: { read: () => readonly Incident[] }) {
  const save = (format: keyof typeof FORMATS) => {
    const { type, write } = FORMATS[format];
    saveFile(`incidents-${new Date().toISOString().slice(0, 10)}.${format}`, type, [write(read())]);
  };
  return (
    <div className={s.export}>
      {(["csv", "json"] as const).map((format) => (
        <Button key={format} size="small" icon={<ArrowDownloadRegular />} onClick={() => save(format)}>
          {FORMATS[format].title}
        </Button>
      ))}
    </div>
  );
});
