"use client";
import { Button } from "@fluentui/react-components";
import {
  ArrowClockwiseRegular,
  CheckmarkCircleRegular,
  ErrorCircleRegular,
  QuestionCircleRegular,
  WarningRegular,
} from "@fluentui/react-icons";
import { Age } from "@/components/ui/age";
import { FailureNotice } from "@/components/ui/failure-notice";
import { Card } from "@/components/ui/page";
import { Remedy } from "@/components/ui/remedy";
import { Badge, type Look } from "@/components/ui/state-badge";
import { Wait } from "@/components/ui/wait";
import { AREAS, type Area, type Check, type CheckState, countStates } from "@/lib/setup/checks.pure";
import s from "./checks.module.css";
import { useChecks } from "./use-checks";

const LOOKS: Record<CheckState, Look> = {
  right: { word: "OK", tone: "good", icon: CheckmarkCircleRegular },
  wrong: { word: "Wrong", tone: "bad", icon: ErrorCircleRegular },
  warning: { word: "Could be better", tone: "busy", icon: WarningRegular },
  unknown: { word: "Unknown", tone: "neutral", icon: QuestionCircleRegular },
};

const AREA_NAMES: Record<Area, string> = {
  sign_in: "Sign-in",
  identities: "Identities",
  workspace: "Workspace",
  data: "Data",
  sentinel: "Microsoft Sentinel",
  rules: "Rules",
  register: "Register",
  roles: "Roles",
  recommendation: "Recommendation",
  defender: "Microsoft Defender for Cloud",
};

/** Every prerequisite: what was seen, how old that is, and what to do where it is not as it should be. */
export function Checks() {
  const view = useChecks();
  return (
    <Card title="Is everything in place?">
      <div className={s.body}>
        {view.isPending && <Wait>Asking Azure about the set-up</Wait>}
        {view.isError && <FailureNotice error={view.error} onRetry={() => view.refetch()} />}
        {view.data && (
          <>
            <div className={s.summary}>
              <p>
                {summary(view.data.checks)} Looked at <Age at={view.data.checkedAt} />.
              </p>
              <Button
                size="small"
                icon={<ArrowClockwiseRegular />}
                disabled={view.isFetching}
                onClick={() => view.refetch()}
              >
                {view.isFetching ? "Looking…" : "Look again"}
              </Button>
            </div>
            {AREAS.map((area) => (
              <AreaChecks key={area} area={area} checks={view.data.checks.filter((check) => check.area === area)} />
            ))}
          </>
        )}
      </div>
    </Card>
  );
}

function summary(checks: readonly Check[]): string {
  const { right, wrong, warning, unknown } = countStates(checks);
  const parts = [
    `${right} of ${checks.length} are as they should be`,
    ...(wrong > 0 ? [`${wrong} wrong`] : []),
    ...(warning > 0 ? [`${warning} could be better`] : []),
    ...(unknown > 0 ? [`${unknown} unknown`] : []),
  ];
  return `${parts.join(", ")}.`;
}

function AreaChecks({ area, checks }: { area: Area; checks: readonly Check[] }) {
  if (checks.length === 0) return null;
  return (
    <section aria-label={AREA_NAMES[area]} className={s.area}>
      <h3 className={s.areaName}>{AREA_NAMES[area]}</h3>
      <ul className={s.list}>
        {checks.map(({ id, title, state, evidence, fix, command, link, at }) => (
          <li key={id} className={s.check}>
            <span className={s.state}>
              <Badge look={LOOKS[state]} />
            </span>
            <div className={s.words}>
              <p className={s.title}>{title}</p>
              <p className={s.evidence}>
                {evidence}{" "}
                <span className={s.age}>
                  Seen: <Age at={at} />.
                </span>
              </p>
              {state !== "right" && <Remedy fix={fix} command={command} link={link} />}
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
