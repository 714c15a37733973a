import {
  ArrowSyncRegular,
  CheckmarkCircleRegular,
  CircleRegular,
  ClockRegular,
  DismissCircleRegular,
  QuestionCircleRegular,
  SubtractCircleRegular,
} from "@fluentui/react-icons";
import { Badge, type Look } from "@/components/ui/state-badge";
import { STEPS, type StepOutcome, type StepState, type StepView } from "@/lib/distribution/deploy.pure";
import s from "./recommendation.module.css";

const LOOKS: Record<StepState, Look> = {
  missing: { word: "Missing", tone: "bad", icon: CircleRegular },
  differs: { word: "Differs", tone: "bad", icon: CircleRegular },
  done: { word: "There", tone: "good", icon: CheckmarkCircleRegular },
  waiting: { word: "Waiting", tone: "busy", icon: ClockRegular },
  running: { word: "Running", tone: "busy", icon: ArrowSyncRegular },
  unknown: { word: "Unknown", tone: "neutral", icon: QuestionCircleRegular },
};

const OUTCOMES: Record<StepOutcome["outcome"], Look> = {
  written: { word: "Written", tone: "good", icon: CheckmarkCircleRegular },
  unchanged: { word: "Nothing to do", tone: "neutral", icon: SubtractCircleRegular },
  failed: { word: "Failed", tone: "bad", icon: DismissCircleRegular },
  skipped: { word: "Not tried", tone: "neutral", icon: CircleRegular },
};

/** The parts of a deployment and how each stands at the place. */
export function StepList({ steps }: { steps: readonly StepView[] }) {
  return <Lines label="What stands there now" lines={steps.map((step) => ({ ...step, look: LOOKS[step.state] }))} />;
}

/** What a deployment did, part by part. */
export function OutcomeList({ steps }: { steps: readonly StepOutcome[] }) {
  return <Lines label="What was done" lines={steps.map((step) => ({ ...step, look: OUTCOMES[step.outcome] }))} />;
}

interface Line {
  name: StepView["name"];
  detail: string;
  look: Look;
}

function Lines({ label, lines }: { label: string; lines: readonly Line[] }) {
  return (
    <ol aria-label={label} className={s.steps}>
      {lines.map(({ name, detail, look }) => (
        <li key={name} className={s.step}>
          <span>
            {STEPS.find((step) => step.name === name)?.title}
            {detail !== "" && <span className={s.detail}>{detail}</span>}
          </span>
          <Badge look={look} />
        </li>
      ))}
    </ol>
  );
}
