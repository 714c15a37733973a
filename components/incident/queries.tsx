import { Card } from "@/components/ui/page";
import type { IncidentView } from "@/lib/incidents/incident.pure";
import { CopyText } from "./copy-text";
import s from "./incident.module.css";

const TITLES: Record<string, string> = {
  activity: "What else the caller did",
  callers: "Who the caller is",
  reads: "What to rotate",
  colleagues: "Who normally works on this vault",
  silent: "Silent vaults",
};

/** Every query behind this page, as it was sent. */
export function Queries({ queries }: { queries: IncidentView["queries"] }) {
  return (
    <Card title="The queries behind this page">
      {queries.length === 0 && <p className={s.none}>The log workspace could not be asked.</p>}
      {queries.map(({ name, text, link }) => (
        <details key={name} className={s.query}>
          <summary>{TITLES[name] ?? name}</summary>
          <div className={s.bar}>
            <CopyText name={`the query: ${TITLES[name] ?? name}`} text={text} />
            {link ? (
              <a href={link} target="_blank" rel="noreferrer">
                Run it in the Azure portal
              </a>
            ) : (
              <span className={s.second}>It is too long for a link: copy it into the portal.</span>
            )}
          </div>
          <pre className={s.kql}>
            <code>{text}</code>
          </pre>
        </details>
      ))}
    </Card>
  );
}
