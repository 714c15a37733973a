import { LocalTime } from "@/components/ui/age";
import { Card, Hidden } from "@/components/ui/page";
import type { QuotaView } from "@/lib/register/views.pure";
import s from "./quota-gauge.module.css";

const NUMBER = new Intl.NumberFormat();
/** From here on the gauge warns. */
const NEARLY = 0.8;

/** Changes of the published register in this month against what Azure takes. */
export function QuotaGauge({ quota }: { quota: QuotaView }) {
  const { used, limit, reserved, month, resetsAt } = quota;
  const bulk = limit - reserved;
  const tone = used >= bulk ? "bad" : used >= NEARLY * bulk ? "busy" : "good";
  const words = {
    good: "Enough left for bulk work.",
    busy: "Little left for bulk work this month.",
    bad: "Bulk work waits for the next month.",
  }[tone];
  const share = (part: number) => `${Math.min(100, (100 * part) / limit)}%`;
  return (
    <Card title="Changes this month">
      <div className={s.body}>
        <p className={s.figure}>
          <span className={s.used}>{NUMBER.format(used)}</span> of {NUMBER.format(limit)}
        </p>
        <Hidden>
          <meter aria-label={`Changes of the published register in ${month}`} min={0} max={limit} value={used} />
        </Hidden>
        <div className={s.gauge} data-tone={tone} aria-hidden>
          <span className={s.reserve} style={{ width: share(reserved) }} />
          <span className={s.fill} style={{ width: share(used) }} />
        </div>
        <p className={s.words}>{words}</p>
        <p className={s.note}>
          Azure takes {NUMBER.format(limit)} changes of watchlist rows a month and workspace; the last{" "}
          {NUMBER.format(reserved)} (hatched) are kept for what cannot wait. Counted by this product; changes made
          elsewhere are not in it. The count begins anew at <LocalTime at={resetsAt} />.
        </p>
      </div>
    </Card>
  );
}
