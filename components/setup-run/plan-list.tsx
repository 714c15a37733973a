import { Checkbox } from "@fluentui/react-components";
import { Remedy } from "@/components/ui/remedy";
import { Badge } from "@/components/ui/state-badge";
import type { PlanStep, SetupPlan } from "@/lib/setup/run.pure";
import s from "./setup-run.module.css";
import { LEFT_OUT, PLAN_LOOKS } from "./words";

interface PlanListProps {
  steps: readonly PlanStep[];
  /** Ids of the steps that will be written. */
  written: ReadonlySet<string>;
  /** Ids of those that somebody has taken out. */
  leftOut: ReadonlySet<string>;
  onLeaveOut: (leftOut: ReadonlySet<string>) => void;
}

/** Every step, those that could be written first, each with a tick that takes it out. */
export function PlanList({ steps, written, leftOut, onLeaveOut }: PlanListProps) {
  const order = ["to_do", "blocked", "unknown", "nothing"];
  const sorted = steps.toSorted((a, b) => order.indexOf(a.state) - order.indexOf(b.state));
  const tick = (id: string, ticked: boolean) => {
    const next = new Set(leftOut);
    if (ticked) next.delete(id);
    else next.add(id);
    onLeaveOut(next);
  };
  return (
    <ol aria-label="The plan" className={s.list}>
      {sorted.map((step) => (
        <PlanLine
          key={step.id}
          step={step}
          written={written.has(step.id)}
          heldUp={!written.has(step.id) && !leftOut.has(step.id)}
          onTick={(ticked) => tick(step.id, ticked)}
        />
      ))}
    </ol>
  );
}

interface PlanLineProps {
  step: PlanStep;
  written: boolean;
  /** It stands on a step that is left out. */
  heldUp: boolean;
  onTick: (ticked: boolean) => void;
}

function PlanLine({ step, written, heldUp, onTick }: PlanLineProps) {
  const { state, title, where, why, detail, fix, command } = step;
  const due = state === "to_do";
  return (
    <li className={s.step}>
      <span className={s.tick}>
        <Badge look={due && !written ? LEFT_OUT : PLAN_LOOKS[state]} />
        {due && (
          <Checkbox
            aria-label={`Write: ${title}, ${where}`}
            checked={written}
            disabled={heldUp}
            onChange={(_, { checked }) => onTick(checked === true)}
          />
        )}
      </span>
      <div className={s.words}>
        <p>
          <span className={s.title}>{title}</span>, {where}
        </p>
        {state !== "nothing" && <p className={s.more}>{why}</p>}
        {detail !== "" && <p>{detail}</p>}
        {due && heldUp && <p>It stands on a step that is left out.</p>}
        <Remedy fix={fix} command={state === "blocked" ? command : null} />
        {due && <Writes step={step} />}
      </div>
    </li>
  );
}

function Writes({ step: { writes, rights, by } }: { step: PlanStep }) {
  return (
    <details className={s.more}>
      <summary>What is written, and with which right</summary>
      <p>Written: {writes.join("; ")}.</p>
      {rights.length > 0 && <p>Your right: {rights.join("; ")}.</p>}
      <p>{by === "you" ? "Azure records it under your name." : `The ${by} writes it, because you may.`}</p>
    </details>
  );
}

/** What the product cannot do for anybody, with what does it. */
export function RemainingList({ remaining }: Pick<SetupPlan, "remaining">) {
  if (remaining.length === 0) return null;
  return (
    <section aria-label="Left for people">
      <h3>Left for people</h3>
      <ul className={s.list}>
        {remaining.map(({ id, title, evidence, fix, command, link }) => (
          <li key={id} className={s.step}>
            <span className={s.title}>{title}</span>
            <div className={s.words}>
              <p>{evidence}</p>
              <Remedy fix={fix} command={command} link={link} />
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
