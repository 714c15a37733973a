import { plural } from "@/components/ui/plural";
import type { PackRuleView } from "@/lib/rules/pack.pure";
import s from "./rules.module.css";

/** What deploying would change in the workspace, property by property, folded away until somebody looks. */
export function RuleChanges({ rule }: { rule: PackRuleView }) {
  if (rule.state === "missing") return <>It would be created.</>;
  if (rule.changes.length === 0) return <>Nothing</>;
  return (
    <details>
      <summary>{plural(rule.changes.length, "difference")}</summary>
      <dl className={s.changes}>
        {rule.changes.map(({ property, before, after }) => (
          <div key={property}>
            <dt>{property}</dt>
            <dd>
              <span className={s.side}>In the workspace</span>
              <pre className={s.text}>{before ?? "none"}</pre>
            </dd>
            <dd>
              <span className={s.side}>As shipped</span>
              <pre className={s.text}>{after ?? "none"}</pre>
            </dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
