"use client";
import { Button } from "@fluentui/react-components";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useAction } from "@/components/api/use-action";
import { FailureNotice } from "@/components/ui/failure-notice";
import { Notice } from "@/components/ui/notice";
import { Card } from "@/components/ui/page";
import { Wait } from "@/components/ui/wait";
import type { ImportPreview } from "@/lib/register/views.pure";
import s from "./import-card.module.css";
import type { RegisterActions } from "./register-page";
import { REGISTER_KEY, useImportPreview } from "./use-register";

interface ImportCardProps extends Pick<RegisterActions, "importPublished"> {
  mayImport: boolean;
}

/** Takes over what an older solution, or another register, has published: first the preview, then the confirmation. */
export function ImportCard({ mayImport, importPublished }: ImportCardProps) {
  const client = useQueryClient();
  const [wanted, setWanted] = useState(false);
  const preview = useImportPreview(wanted);
  const importing = useAction(importPublished, () => client.invalidateQueries({ queryKey: REGISTER_KEY }));
  const look = () => {
    importing.reset();
    if (wanted) void preview.refetch();
    else setWanted(true);
  };
  return (
    <Card title="Import a published list">
      <div className={s.body}>
        <p className={s.text}>
          Honeytokens of an older solution stand in the same watchlist. The preview shows what an import would take
          over; nothing is written before you confirm it.
        </p>
        <div>
          <Button onClick={look} disabled={preview.isFetching}>
            {preview.data ? "Preview again" : "Preview the import"}
          </Button>
        </div>
        {preview.isFetching && <Wait>Reading the published list</Wait>}
        {preview.isError && <FailureNotice error={preview.error} onRetry={look} />}
        {importing.isError && <FailureNotice error={importing.error} />}
        {importing.isSuccess && (
          <Notice intent="success" title="Imported">
            <p>{counted(importing.data.imported, "honeytoken was", "honeytokens were")} taken over.</p>
          </Notice>
        )}
        {preview.data && !preview.isFetching && (
          <>
            <Figures preview={preview.data} />
            {preview.data.fresh > 0 && !importing.isSuccess && (
              <div>
                <Button
                  appearance="primary"
                  disabled={!mayImport || importing.isPending}
                  onClick={() => importing.mutate({})}
                >
                  Import {counted(preview.data.fresh, "honeytoken", "honeytokens")}
                </Button>
                {!mayImport && <p className={s.text}>Ask an administrator to import them.</p>}
              </div>
            )}
          </>
        )}
      </div>
    </Card>
  );
}

const PROBLEMS: Record<ImportPreview["problems"][number]["problem"], string> = {
  placeholder: "Placeholder row of the older solution: passed over",
  "not a vault": "Names no key vault: passed over",
  "not a name": "Names no secret or key: passed over",
  "not a key or secret": "Does not say whether it is a key or a secret: passed over",
  "unknown state": "Has a state that is not known: passed over",
  "key does not match": "Its columns name two different objects: passed over",
};

function Figures({ preview }: { preview: ImportPreview }) {
  const lines = [
    { words: "Rows in the published list", rows: preview.rows, always: true },
    { words: "Honeytokens that would be taken over", rows: preview.fresh, always: true },
    { words: "In our register already", rows: preview.known, always: true },
    { words: "Of a planting under way: left alone", rows: preview.planting },
    { words: "Name an object once more: taken as one", rows: preview.repeated },
    { words: "Of these, in another casing", rows: preview.otherCasing },
    { words: "Names that stand in more than one vault: all taken", rows: preview.sharedNames },
    { words: "Rows of the older four-column form", rows: preview.older },
    ...preview.problems.map(({ problem, rows }) => ({ words: PROBLEMS[problem], rows })),
  ];
  return (
    <dl className={s.figures}>
      {lines
        .filter(({ rows, ...line }) => rows > 0 || "always" in line)
        .map(({ words, rows }) => (
          <div key={words}>
            <dt>{words}</dt>
            <dd>{NUMBER.format(rows)}</dd>
          </div>
        ))}
    </dl>
  );
}

const NUMBER = new Intl.NumberFormat();

function counted(count: number, one: string, many: string): string {
  return `${NUMBER.format(count)} ${count === 1 ? one : many}`;
}
