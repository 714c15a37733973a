import type { KqlType } from "../types";

/**
 * Functions that give several columns at once, with the name and type of each. The engine's own functions give a bag
 * with those names; lowering takes it apart.
 */
export const TUPLES: Readonly<Record<string, readonly { name: string; type: KqlType }[]>> = {
  series_stats: [
    { name: "min", type: "real" },
    { name: "min_idx", type: "long" },
    { name: "max", type: "real" },
    { name: "max_idx", type: "long" },
    { name: "avg", type: "real" },
    { name: "stdev", type: "real" },
    { name: "variance", type: "real" },
  ],
  series_fit_line: [
    { name: "rsquare", type: "real" },
    { name: "slope", type: "real" },
    { name: "variance", type: "real" },
    { name: "rvariance", type: "real" },
    { name: "interception", type: "real" },
    { name: "line_fit", type: "dynamic" },
  ],
  series_decompose: [
    { name: "baseline", type: "dynamic" },
    { name: "seasonal", type: "dynamic" },
    { name: "trend", type: "dynamic" },
    { name: "residual", type: "dynamic" },
  ],
  series_decompose_anomalies: [
    { name: "ad_flag", type: "dynamic" },
    { name: "ad_score", type: "dynamic" },
    { name: "baseline", type: "dynamic" },
  ],
};
