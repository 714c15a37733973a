import { Hidden } from "@/components/ui/page";
import { COVERAGE_LOOK } from "@/components/ui/state-badge";
import { STATES, type SubscriptionCounts } from "@/lib/coverage/select.pure";

/** The figures of the chart for those who do not see it. */
export function CoverageTable({ bars }: { bars: SubscriptionCounts[] }) {
  return (
    <Hidden>
      <table>
        <caption>Coverage by subscription, in numbers</caption>
        <thead>
          <tr>
            <th scope="col">Subscription</th>
            {STATES.map((state) => (
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
              {STATES.map((state) => (
                <td key={state}>{bar[state]}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Hidden>
  );
}
