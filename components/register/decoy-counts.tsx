import { Card } from "@/components/ui/page";
import type { RegisterView } from "@/lib/register/views.pure";
import s from "./decoy-counts.module.css";

const NUMBER = new Intl.NumberFormat();

const STATES = [
  { state: "live", word: "Live" },
  { state: "registered", word: "Registered, not written" },
  { state: "planting", word: "Being planted" },
  { state: "retiring", word: "Being retired" },
  { state: "retired", word: "Retired" },
  { state: "failed", word: "Given up" },
] as const;

/** How many honeytokens of our register are in which state. */
export function DecoyCounts({ counts }: { counts: RegisterView["counts"] }) {
  return (
    <Card title="Honeytokens in our register">
      <dl className={s.counts}>
        {STATES.map(({ state, word }) => (
          <div key={state} className={s.count}>
            <dt>{word}</dt>
            <dd>{NUMBER.format(counts[state])}</dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}
