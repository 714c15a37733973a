import { Check } from "@/components/ui/check";
import table from "@/components/ui/list-table.module.css";
import { Badge } from "@/components/ui/state-badge";
import { hasWork, needsOverwrite, type PackRuleView } from "@/lib/rules/pack.pure";
import { RuleChanges } from "./rule-changes";
import { KIND_WORDS, RULE_LOOK } from "./rule-words";
import s from "./rules.module.css";

interface RuleTableProps {
  rules: readonly PackRuleView[];
  /** Left out for those who may not deploy. */
  choice?: { chosen: ReadonlySet<string>; onChange: (id: string, on: boolean) => void };
}

/** The shipped rules, each with its state in the workspace and what deploying it would change. */
export function RuleTable({ rules, choice }: RuleTableProps) {
  return (
    <div className={table.card}>
      <table className={`${table.table} ${s.table}`}>
        <thead>
          <tr>
            <th scope="col">Rule</th>
            <th scope="col">State</th>
            <th scope="col">Deploying would change</th>
            {choice && <th scope="col">Deploy</th>}
          </tr>
        </thead>
        <tbody>
          {rules.map((rule) => (
            <tr key={rule.id}>
              <th scope="row" className={s.rule}>
                <span className={s.title}>{rule.title}</span>
                <span className={s.second}>
                  {rule.severity}, {KIND_WORDS[rule.kind]}
                  {rule.covers.length > 0 && `; covers ${rule.covers.join(", ")}`}
                </span>
                <span className={s.about}>{rule.description}</span>
              </th>
              <td data-label="State" data-wide className={s.state}>
                <Badge look={RULE_LOOK[rule.state]} />
                <StateNotes rule={rule} />
              </td>
              <td data-label="Deploying would change" data-wide className={s.preview}>
                <RuleChanges rule={rule} />
              </td>
              {choice && (
                <td className={s.choose}>
                  {hasWork(rule) && (
                    <Check
                      label={wordFor(rule)}
                      name={`${wordFor(rule)} ${rule.title}`}
                      checked={choice.chosen.has(rule.id)}
                      onChange={(on) => choice.onChange(rule.id, on)}
                    />
                  )}
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function wordFor(rule: PackRuleView): string {
  return needsOverwrite(rule) ? "Replace" : "Create";
}

function StateNotes({ rule }: { rule: PackRuleView }) {
  const { state, how, unreadable } = rule;
  return (
    <>
      {state === "spare" && (
        <span className={s.second}>Shipped switched off: its near-real-time twin does the work.</span>
      )}
      {how !== null && <span className={s.second}>It can miss something: {how}.</span>}
      {unreadable === null && <span className={s.second}>The plans of its tables are unknown.</span>}
      {unreadable?.map(({ table: name, plan }) => (
        <span key={name} className={s.second}>
          {name} is on the {plan} plan, which no rule can read.
        </span>
      ))}
    </>
  );
}
