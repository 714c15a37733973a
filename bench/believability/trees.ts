/** Rows of figures in groups, some rows of each group being right answers. */
export interface Table {
  names: readonly string[];
  /** A column per name. */
  columns: readonly Float64Array[];
  groups: readonly Group[];
}

export interface Group {
  start: number;
  end: number;
  /** Rows of the right answers. */
  answers: ReadonlySet<number>;
}

/** A trained model: scores rows, the highest of a group is its pick. */
export interface Model {
  score(table: Table): Float64Array;
  /** How much each column contributed to the training, by column. */
  gain: Float64Array;
}

interface Split {
  column: number;
  threshold: number;
}

/** A tree of fixed depth as arrays: node n has the children 2n+1 and 2n+2; leaves follow the splits. */
interface Tree {
  splits: (Split | undefined)[];
  leaves: Float64Array;
}

const BINS = 24;
const DEPTH = 3;
const TREES = 60;
const RATE = 0.15;
const RIDGE = 4;
const LEAST_WEIGHT = 4;
const COLUMN_SHARE = 0.4;

/**
 * Gradient-boosted trees (Friedman 2001) that minimise the softmax loss over each group, so that what is learnt is
 * which row of a group to pick. `chance` draws the columns that each tree may use.
 */
export function trainTrees(table: Table, chance: () => number): Model {
  const { columns, groups } = table;
  const edges = columns.map(edgesOf);
  const binned = columns.map((column, index) => binsOf(column, edges[index] ?? new Float64Array()));
  const rows = columns[0]?.length ?? 0;
  const scores = new Float64Array(rows);
  const slope = new Float64Array(rows);
  const bend = new Float64Array(rows);
  const gain = new Float64Array(columns.length);
  const trees: Tree[] = [];
  for (let round = 0; round < TREES; round++) {
    softmaxSlopes(groups, scores, slope, bend);
    const allowed = columns.map((_, index) => index).filter(() => chance() < COLUMN_SHARE);
    const { tree, nodes } = growTree({ binned, edges, allowed, slope, bend, rows }, gain);
    for (let row = 0; row < rows; row++) scores[row] = (scores[row] ?? 0) + (tree.leaves[nodes[row] ?? 0] ?? 0);
    trees.push(tree);
  }
  return { gain, score: (other) => scoreWith(trees, other) };
}

function softmaxSlopes(groups: readonly Group[], scores: Float64Array, slope: Float64Array, bend: Float64Array): void {
  for (const { start, end, answers } of groups) {
    let top = Number.NEGATIVE_INFINITY;
    for (let row = start; row < end; row++) top = Math.max(top, scores[row] ?? 0);
    let sum = 0;
    for (let row = start; row < end; row++) sum += Math.exp((scores[row] ?? 0) - top);
    for (let row = start; row < end; row++) {
      const share = Math.exp((scores[row] ?? 0) - top) / sum;
      slope[row] = share - (answers.has(row) ? 1 / answers.size : 0);
      bend[row] = Math.max(share * (1 - share), 1e-6);
    }
  }
}

/** Up to 23 values that cut a column into parts of like size. */
function edgesOf(column: Float64Array): Float64Array {
  const sorted = Float64Array.from(column).sort();
  const edges = new Set<number>();
  for (let bin = 1; bin < BINS; bin++) {
    const value = sorted[Math.floor((bin * sorted.length) / BINS)];
    if (value !== undefined && value > (sorted[0] ?? 0)) edges.add(value);
  }
  return Float64Array.from(edges);
}

function binsOf(column: Float64Array, edges: Float64Array): Uint8Array {
  return Uint8Array.from(column, (value) => {
    let bin = 0;
    while (bin < edges.length && value >= (edges[bin] ?? 0)) bin++;
    return bin;
  });
}

interface Growing {
  binned: readonly Uint8Array[];
  edges: readonly Float64Array[];
  allowed: readonly number[];
  slope: Float64Array;
  bend: Float64Array;
  rows: number;
}

function growTree(data: Growing, gain: Float64Array): { tree: Tree; nodes: Uint8Array } {
  const nodes = new Uint8Array(data.rows);
  const splits: Tree["splits"] = [];
  for (let depth = 0; depth < DEPTH; depth++) {
    const first = 2 ** depth - 1;
    const best = bestSplits(data, nodes, first, 2 ** depth, gain);
    splits.push(
      ...best.map((found) => found && { column: found.column, threshold: data.edges[found.column]?.[found.bin] ?? 0 }),
    );
    for (let row = 0; row < data.rows; row++) {
      const node = nodes[row] ?? 0;
      const found = best[node - first];
      const right = found !== undefined && (data.binned[found.column]?.[row] ?? 0) > found.bin;
      nodes[row] = 2 * node + (right ? 2 : 1);
    }
  }
  const sums = new Float64Array(2 ** (DEPTH + 1) - 1);
  const bends = new Float64Array(sums.length);
  for (let row = 0; row < data.rows; row++) {
    const node = nodes[row] ?? 0;
    sums[node] = (sums[node] ?? 0) + (data.slope[row] ?? 0);
    bends[node] = (bends[node] ?? 0) + (data.bend[row] ?? 0);
  }
  return { tree: { splits, leaves: sums.map((sum, node) => (-RATE * sum) / ((bends[node] ?? 0) + RIDGE)) }, nodes };
}

function bestSplits(data: Growing, nodes: Uint8Array, first: number, count: number, gain: Float64Array) {
  const best: ({ column: number; bin: number; gain: number } | undefined)[] = new Array(count).fill(undefined);
  const slopes = new Float64Array(count * BINS);
  const bends = new Float64Array(count * BINS);
  for (const column of data.allowed) {
    const bins = data.binned[column];
    if (bins === undefined) continue;
    slopes.fill(0);
    bends.fill(0);
    for (let row = 0; row < data.rows; row++) {
      const at = ((nodes[row] ?? 0) - first) * BINS + (bins[row] ?? 0);
      slopes[at] = (slopes[at] ?? 0) + (data.slope[row] ?? 0);
      bends[at] = (bends[at] ?? 0) + (data.bend[row] ?? 0);
    }
    for (let node = 0; node < count; node++) {
      const found = bestCut(
        slopes.subarray(node * BINS, (node + 1) * BINS),
        bends.subarray(node * BINS, (node + 1) * BINS),
      );
      if (found.gain > (best[node]?.gain ?? 1e-9)) best[node] = { column, ...found };
    }
  }
  for (const found of best) if (found) gain[found.column] = (gain[found.column] ?? 0) + found.gain;
  return best;
}

function bestCut(slopes: Float64Array, bends: Float64Array): { bin: number; gain: number } {
  const total = slopes.reduce((sum, value) => sum + value, 0);
  const weight = bends.reduce((sum, value) => sum + value, 0);
  const worth = (slope: number, bend: number) => (slope * slope) / (bend + RIDGE);
  let best = { bin: 0, gain: 0 };
  let slope = 0;
  let bend = 0;
  for (let bin = 0; bin < BINS - 1; bin++) {
    slope += slopes[bin] ?? 0;
    bend += bends[bin] ?? 0;
    if (bend < LEAST_WEIGHT || weight - bend < LEAST_WEIGHT) continue;
    const gain = worth(slope, bend) + worth(total - slope, weight - bend) - worth(total, weight);
    if (gain > best.gain) best = { bin, gain };
  }
  return best;
}

function scoreWith(trees: readonly Tree[], { columns }: Table): Float64Array {
  const scores = new Float64Array(columns[0]?.length ?? 0);
  for (let row = 0; row < scores.length; row++) {
    let sum = 0;
    for (const { splits, leaves } of trees) {
      let node = 0;
      for (let depth = 0; depth < DEPTH; depth++) {
        const split = splits[node];
        const right = split !== undefined && (columns[split.column]?.[row] ?? 0) >= split.threshold;
        node = 2 * node + (right ? 2 : 1);
      }
      sum += leaves[node] ?? 0;
    }
    scores[row] = sum;
  }
  return scores;
}
