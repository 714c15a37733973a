import { LocalTime } from "@/components/ui/age";
import { Card } from "@/components/ui/page";
import type { IncidentView } from "@/lib/incidents/incident.pure";
import { Foreign, ForeignLines } from "./foreign";
import s from "./incident.module.css";
import { Part } from "./part";

/** What people wrote about the incident, oldest first, as text. */
export function Comments({ comments }: { comments: IncidentView["comments"] }) {
  return (
    <Card title="Comments">
      <Part part={comments} empty="Nobody has written anything yet." more="">
        {(rows) => (
          <ul>
            {rows.map(({ message, by, at }) => (
              <li key={`${at} ${by} ${message.slice(0, 100)}`} className={s.entry}>
                <span className={s.second}>
                  <Foreign>{by === "" ? "Somebody" : by}</Foreign>, <LocalTime at={at} />
                </span>
                <p className={s.message}>
                  <ForeignLines>{message}</ForeignLines>
                </p>
              </li>
            ))}
          </ul>
        )}
      </Part>
    </Card>
  );
}
