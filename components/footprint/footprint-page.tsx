"use client";
import { Button } from "@fluentui/react-components";
import { ArrowClockwiseRegular, ArrowDownloadRegular } from "@fluentui/react-icons";
import { Age } from "@/components/ui/age";
import { FailureNotice } from "@/components/ui/failure-notice";
import { Notice } from "@/components/ui/notice";
import { Card, Page } from "@/components/ui/page";
import { saveFile } from "@/components/ui/save-file";
import { Wait } from "@/components/ui/wait";
import { countTelling, type FootprintView, footprintCsv } from "@/lib/footprint/footprint.pure";
import s from "./footprint.module.css";
import { ReaderTable } from "./reader-table";
import { TraceTable } from "./trace-table";
import { useFootprint } from "./use-footprint";

const TRAIL = [{ href: "/setup", name: "Set-up" }];

/** What others can see in Azure of the honeytokens and of what watches them, and who can read the register. */
export function FootprintPage() {
  const view = useFootprint();
  return (
    <Page
      title="Footprint"
      trail={TRAIL}
      lead="What somebody who may only read sees in Azure of this product. Looked up now, with your own rights."
      actions={
        view.data && (
          <div className={s.buttons}>
            <Button icon={<ArrowDownloadRegular />} onClick={() => save(view.data)}>
              Export CSV
            </Button>
            <Button icon={<ArrowClockwiseRegular />} disabled={view.isFetching} onClick={() => view.refetch()}>
              {view.isFetching ? "Looking…" : "Look again"}
            </Button>
          </div>
        )
      }
    >
      {view.isPending && <Wait>Looking through Azure</Wait>}
      {view.isError && <FailureNotice error={view.error} onRetry={() => view.refetch()} />}
      {view.data && <Footprint view={view.data} />}
    </Page>
  );
}

function Footprint({ view }: { view: FootprintView }) {
  const { plain, hint, nothing } = countTelling(view.traces);
  return (
    <>
      <p>
        Says it plainly: {plain}. A hint: {hint}. Says nothing: {nothing}. Looked at <Age at={view.readAt} />.
      </p>
      {view.unread.length > 0 && (
        <Notice intent="warning" title="Not everything could be read">
          <ul className={s.list}>
            {view.unread.map(({ what, problem, fix }) => (
              <li key={what}>
                {what}: {problem} {fix}
              </li>
            ))}
          </ul>
        </Notice>
      )}
      <Card title="What a Reader sees">
        <TraceTable traces={view.traces} />
        {view.notes.map((note) => (
          <p key={note} className={s.note}>
            {note}
          </p>
        ))}
      </Card>
      <Card title="Who can read the register">
        <p className={s.intro}>
          The register names every honeytoken, and any reader of the workspace can query it. Roles given at the
          workspace and above it are listed; members of a group, roles that somebody may still activate, and assignments
          above what you may read are not.
        </p>
        <ReaderTable readers={view.readers} />
      </Card>
    </>
  );
}

function save(view: FootprintView): void {
  saveFile(`footprint-${view.readAt.slice(0, 10)}.csv`, "text/csv;charset=utf-8", [footprintCsv(view)]);
}
