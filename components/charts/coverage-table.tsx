import { Hidden } from "@/components/ui/page";
import { COVERAGE_LOOK } from "@/components/ui/state-badge";
import { STATES, type SubscriptionCounts } from "@/lib/coverage/select.pure";
import { spokenOf } from "./chart-bars";

/** The figures of the chart for those who do not see it. */
export function CoverageTable({ bars }: { bars: SubscriptionCounts[] }) {
  const states = spokenOf(STATES, bars);
  return (
    <Hidden>
      <table>
        <caption>Coverage by subscription, in numbers</caption>
        <thead>
          <tr>
            <th scope="col">Subscription</th>
            {states.map((state) => (
              <th key={state} scope="col">
                {COVERAGE_LOOK[state].word}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {bars.map((bar) => (
            <tr key={bar.subscriptionId}>
              <th scope="row">{bar.subscription}</th>
              {states.map((state) => (
                <td key={state}>{bar[state]}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Hidden>
  );
}
