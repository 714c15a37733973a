import type { ReactNode } from "react";
import { Notice } from "@/components/ui/notice";
import { Card } from "@/components/ui/page";
import { formatNumber, plural } from "@/components/ui/plural";
import type { DeploymentView, Operation, PlanTotals as Totals } from "@/lib/deployments/views.pure";
import s from "./deployment.module.css";
import { askedFor, durationOf, things } from "./words";

interface PlanTotalsProps {
  deployment: DeploymentView;
  totals: Totals;
}

/** What the plan comes to, in words and figures: what is written, which rights, how long, and what cannot be done. */
export function PlanTotals({ deployment, totals }: PlanTotalsProps) {
  const { operation, total, counts, spreadHours } = deployment;
  // A vault may be blocked for several reasons, so the reasons do not add up to vaults.
  const left = counts.blocked + counts.skipped;
  const limits = totals.limits.filter(({ seconds }) => seconds > 0);
  const grants = grantsOf(totals);
  const spread = spreadHours > 0 && total > left;
  return (
    <>
      <Card title="The plan">
        <dl className={s.facts}>
          <Fact name="Vaults">
            {formatNumber(total - left)} of {plural(total, "vault")}
            {left > 0 && <span className={s.aside}>the others are blocked or skipped, see below</span>}
          </Fact>
          {operation !== "retire" && <Fact name="Asked for">{askedFor(deployment)}</Fact>}
          <Amounts operation={operation} totals={totals} />
          <Fact name="Rights given">
            {grants.length === 0 ? (
              "None"
            ) : (
              <ul>
                {grants.map((line) => (
                  <li key={line}>{line}</li>
                ))}
              </ul>
            )}
          </Fact>
          <Fact name="Taken back again">
            {grants.length === 0 || totals.grants.none === total - left
              ? "Nothing, as nothing is given"
              : "Exactly these rights, as soon as a vault is done"}
          </Fact>
          <Fact name={spread ? "How long" : "How long at least"}>
            {spread
              ? `About ${plural(spreadHours, "hour")}, over which writing is spread`
              : durationOf(totals.secondsAtLeast)}
            {spread && (
              <span className={s.aside}>
                without the spread it would be {durationOf(totals.secondsAtLeast)} at least
              </span>
            )}
            {limits.length > 0 && <Limits limits={limits} />}
          </Fact>
        </dl>
      </Card>
      <Reasons title="Blocked: these cannot be done" intent="error" reasons={totals.blocked} />
      <Reasons title="Before you start" intent="warning" reasons={totals.warnings} />
      <Reasons title="Skipped: nothing to do there" intent="info" reasons={totals.skipped} />
    </>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Amounts({ operation, totals }: { operation: Operation; totals: Totals }) {
  const { secrets, keys, keysByArm = 0 } = totals;
  if (operation === "retire") {
    return (
      <Fact name="Deleted">
        {things(totals)}
        <span className={s.aside}>recoverable in Azure for each vault's own recovery time, and watched until then</span>
      </Fact>
    );
  }
  return (
    <>
      <Fact name="Registered">
        {plural(secrets + keys, "honeytoken")}
        <span className={s.aside}>each before it is written, so that it is watched from its first moment</span>
      </Fact>
      <Fact name="Written">
        {things(totals)}
        {keysByArm > 0 && (
          <span className={s.aside}>
            {keysByArm === keys ? "every key" : `${plural(keysByArm, "key")} of these`} through Azure Resource Manager,
            past the vault's network, which is left alone
          </span>
        )}
        {operation === "replace" && <span className={s.aside}>those that they replace are deleted afterwards</span>}
      </Fact>
    </>
  );
}

function grantsOf({ grants, groupAssignments }: Totals): string[] {
  const { none, vault_role: byVault, group_role: byGroup, policy } = grants;
  return [
    byGroup > 0 &&
      `${plural(byGroup, "vault")}: ${plural(groupAssignments, "role")} at resource groups for all of them`,
    byVault > 0 && `${plural(byVault, "vault")}: a role at the vault itself`,
    policy > 0 && `${plural(policy, "vault")}: an entry in the access policies`,
    none > 0 && `${plural(none, "vault")}: none, the planting identity may write there already`,
  ].filter((line) => line !== false);
}

function Limits({ limits }: { limits: Totals["limits"] }) {
  return (
    <table className={s.limits}>
      <caption>What Azure's documented limits and delays make of it; some of it at the same time</caption>
      <tbody>
        {limits.map(({ what, seconds }) => (
          <tr key={what}>
            <th scope="row">{what}</th>
            <td>{durationOf(seconds)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

interface ReasonsProps {
  title: string;
  intent: "error" | "warning" | "info";
  reasons: Totals["blocked"];
}

/** So many are shown at once: below them stands what starts the plan. */
const REASONS_AT_ONCE = 6;

function Reasons({ title, intent, reasons }: ReasonsProps) {
  if (reasons.length === 0) return null;
  const more = reasons.slice(REASONS_AT_ONCE);
  return (
    <Notice intent={intent} title={title}>
      <ReasonList reasons={reasons.slice(0, REASONS_AT_ONCE)} />
      {more.length > 0 && (
        <details>
          <summary>{plural(more.length, "more reason")}</summary>
          <ReasonList reasons={more} />
        </details>
      )}
    </Notice>
  );
}

function ReasonList({ reasons }: Pick<ReasonsProps, "reasons">) {
  return (
    <ul className={s.reasons}>
      {reasons.map(({ sentence, vaults }) => (
        <li key={sentence}>
          <span className={s.reasonCount}>{plural(vaults, "vault")}</span>
          {sentence}
        </li>
      ))}
    </ul>
  );
}
