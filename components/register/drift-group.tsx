import Link from "next/link";
import { Age } from "@/components/ui/age";
import { OutsideText } from "@/components/ui/outside-text";
import { Card } from "@/components/ui/page";
import { PassingButton } from "@/components/ui/passing-button";
import { useFocusPassedOn } from "@/components/ui/use-focus-passed-on";
import plain from "@/components/vault/plain-table.module.css";
import type { Finding, RegisterView } from "@/lib/register/views.pure";
import s from "./drift-group.module.css";
import { DRIFT_WORDS } from "./drift-words";

interface DriftGroupProps {
  group: RegisterView["drift"][number];
  mayRepair: boolean;
  busy: boolean;
  onRepair: (id: string) => void;
  onRepairAll: () => void;
  onLeave: (finding: Finding) => void;
}

const NUMBER = new Intl.NumberFormat();

/** The findings of one kind: what it means, what a repair does, and each of them. */
export function DriftGroup({ group, mayRepair, busy, onRepair, onRepairAll, onLeave }: DriftGroupProps) {
  const { kind, total, open, findings } = group;
  const card = useFocusPassedOn();
  const words = DRIFT_WORDS[kind];
  const hidden = total - findings.length;
  return (
    <Card title={`${words.title} (${NUMBER.format(total)})`} ref={card}>
      <div className={s.head}>
        <p className={s.text}>{words.text}</p>
        {mayRepair && words.repair !== null && open > 1 && (
          <PassingButton disabled={busy} onClick={onRepairAll}>
            Repair all {NUMBER.format(open)}
          </PassingButton>
        )}
      </div>
      <div className={plain.scroll}>
        <table className={plain.table}>
          <thead>
            <tr>
              <th scope="col">{kind.startsWith("exception_") ? "Exception" : "Honeytoken"}</th>
              <th scope="col">Vault</th>
              <th scope="col">What was found</th>
              <th scope="col">Found</th>
              <th scope="col">Repair</th>
            </tr>
          </thead>
          <tbody>
            {findings.map((finding) => (
              <tr key={finding.id}>
                <th scope="row">
                  <span className={plain.code}>
                    <OutsideText>{finding.name}</OutsideText>
                  </span>{" "}
                  {finding.objectKind && (
                    <span className={s.kind}>{finding.objectKind === "key" ? "Key" : "Secret"}</span>
                  )}
                </th>
                <td data-label="Vault">
                  <Link href={finding.vault.path}>{finding.vault.name}</Link>
                </td>
                <td data-label="What was found" className={s.what}>
                  <OutsideText>{finding.detail}</OutsideText>
                  {finding.note !== null && (
                    <span className={s.note}>
                      <OutsideText>{finding.note}</OutsideText>
                    </span>
                  )}
                  {finding.problem !== null && <span className={s.problem}>The repair failed. {finding.problem}</span>}
                </td>
                <td data-label="Found" className={s.found}>
                  <Age at={finding.foundAt} />
                </td>
                <td>
                  <Deeds {...{ finding, mayRepair, busy, onRepair, onLeave }} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {hidden > 0 && <p className={s.more}>{NUMBER.format(hidden)} more, shown when these are repaired.</p>}
    </Card>
  );
}

type DeedsProps = Pick<DriftGroupProps, "mayRepair" | "busy" | "onRepair" | "onLeave"> & { finding: Finding };

/** What can be done about one finding. */
function Deeds({ finding, mayRepair, busy, onRepair, onLeave }: DeedsProps) {
  const { repair, replace } = DRIFT_WORDS[finding.kind];
  const about = `${finding.name} in ${finding.vault.name}`;
  if (finding.repairing) return <span role="status">Repairing…</span>;
  return (
    <span className={s.deeds}>
      {finding.handledAt !== null && !replace && <span>Left alone</span>}
      {mayRepair && repair !== null && !(replace && finding.handledAt !== null) && (
        <PassingButton
          size="small"
          disabled={busy}
          aria-label={`${repair}: ${about}`}
          onClick={() => onRepair(finding.id)}
        >
          {repair}
        </PassingButton>
      )}
      {mayRepair && finding.kind === "foreign" && finding.handledAt === null && (
        <PassingButton size="small" appearance="subtle" aria-label={`Leave: ${about}`} onClick={() => onLeave(finding)}>
          Leave
        </PassingButton>
      )}
      {replace && (
        <Link href={finding.vault.path} aria-label={`Plan a replacement for ${about}`}>
          Plan a replacement
        </Link>
      )}
      {!mayRepair && repair !== null && !replace && <span className={s.kind}>Ask an administrator</span>}
    </span>
  );
}
