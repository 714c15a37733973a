import { LocalTime } from "@/components/ui/age";
import { Card } from "@/components/ui/page";
import { plural } from "@/components/ui/plural";
import { Badge } from "@/components/ui/state-badge";
import type { CallerIdentity, IncidentView } from "@/lib/incidents/incident.pure";
import { Foreign } from "./foreign";
import s from "./incident.module.css";
import { NEW_ADDRESS_LOOK } from "./incident-words";
import { Part } from "./part";

const KIND_WORDS: Record<CallerIdentity["kind"], string> = {
  user: "A person",
  "managed identity": "A managed identity",
  application: "An application",
  unknown: "Not known",
};
/** Addresses that are shown; the query shows the rest. */
const ADDRESSES_MAX = 10;

/** Who called, by the claims of the tokens in the log. */
export function Callers({ callers }: { callers: IncidentView["callers"] }) {
  return (
    <Card title="Who the caller is">
      <Part part={callers} empty="The alerts name no caller." more="Only the latest addresses are shown.">
        {(rows) => (
          <ul>
            {rows.map((caller) => (
              <li key={caller.caller} className={s.entry}>
                <Identity caller={caller} />
                <Addresses addresses={caller.addresses} />
              </li>
            ))}
          </ul>
        )}
      </Part>
    </Card>
  );
}

function Identity({ caller }: { caller: CallerIdentity }) {
  const facts: [string, string | null][] = [
    ["Sign-in name", caller.upn],
    ["Managed identity", caller.managedIdentity],
    ["Object id", caller.oid],
    ["Application", caller.appIds.join(", ") || null],
    ["Client", caller.clients.join(", ") || null],
  ];
  return (
    <>
      <div className={s.entryHead}>
        <strong>{KIND_WORDS[caller.kind]}</strong>
        {caller.links.map(({ name, url }) => (
          <a key={url} href={url} target="_blank" rel="noreferrer">
            {name}
          </a>
        ))}
      </div>
      <dl className={s.facts}>
        {facts.map(([name, text]) =>
          text === null ? null : (
            <div key={name}>
              <dt>{name}</dt>
              <dd>
                <Foreign>{text}</Foreign>
              </dd>
            </div>
          ),
        )}
      </dl>
    </>
  );
}

function Addresses({ addresses }: { addresses: CallerIdentity["addresses"] }) {
  if (addresses.length === 0) return <p className={s.second}>The log shows no call in the 30 days before.</p>;
  const more = addresses.length - ADDRESSES_MAX;
  return (
    <ul className={s.plain}>
      {addresses.slice(0, ADDRESSES_MAX).map(({ ip, calls, first, isNew, url }) => (
        <li key={ip} className={s.entryHead}>
          {ip === "" ? "no address" : <Foreign>{ip}</Foreign>}
          {isNew && <Badge look={NEW_ADDRESS_LOOK} />}
          {url !== null && (
            <a href={url} target="_blank" rel="noreferrer" aria-label={`${ip} in the Defender portal`}>
              Defender portal
            </a>
          )}
          <span className={s.second}>
            {plural(calls, "call")}, since <LocalTime at={first} />
          </span>
        </li>
      ))}
      {more > 0 && <li className={s.second}>and {more} more</li>}
    </ul>
  );
}
