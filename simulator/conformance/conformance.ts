import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { disagreements } from "./agreement";
import allowedFile from "./allowed.json";
import differencesFile from "./differences.json";
import { type Exchange, isChallenge } from "./exchange";
import { type Allowed, AllowList, type Finding, judge } from "./finding";
import { emptyLists } from "./lists";
import { KINDS, type Mutation, missedOf, mutationsOf } from "./mutations";
import { type Oracle, openOracle, type Verdict } from "./oracle";
import { allRoutes, neededFiles, routeOf, undriven } from "./routes";
import { RUNS, type Run, runOnce } from "./runs";
import { closedCopy } from "./spec-files";

/** One line of the table: what was shown of one service. */
export interface Area {
  area: string;
  operations: number;
  /** Request and answer both checked. */
  validated: number;
  errors: number;
  allowed: number;
  /** Sign-in challenges, and what no description covers. */
  skipped: number;
  /** Operations that answer lists, all of them with something in them unless allowed. */
  lists: number;
  mutations: number;
  caught: number;
}

export interface Outcome {
  areas: Area[];
  routes: number;
  /** Bodies compared between a described version and the one that clients send. */
  compared: number;
  allowed: number;
  differences: number;
  mutations: Record<string, number>;
  open: Finding[];
  /** Entries of the data files that nothing needs any more. */
  unused: Allowed[];
  seconds: number;
}

interface Checked {
  run: Run["name"];
  exchange: Exchange;
  verdict: Verdict;
}

/** Drives everything, checks everything. `folder` holds Microsoft's descriptions; `seed` draws the mutations. */
export async function conformance(folder: string, seed: number): Promise<Outcome> {
  const start = performance.now();
  const copy = mkdtempSync(path.join(tmpdir(), "kvh-specs-"));
  try {
    const oracle = await openOracle(copy, neededFiles(closedCopy(folder, copy)));
    const runs = await Promise.all(RUNS.map((name) => runOnce(name, oracle)));
    return { ...(await examine(oracle, runs, seed)), seconds: Math.round((performance.now() - start) / 100) / 10 };
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

async function examine(oracle: Oracle, runs: readonly Run[], seed: number): Promise<Omit<Outcome, "seconds">> {
  const checked = await checkAll(oracle, runs);
  const nameOf = nameByExchange(checked);
  const mutations = mutationsOf(pairsOf(checked), seed);
  const missed = new Set(await missedOf(oracle, mutations));
  const findings = judge(
    [
      ...runs.flatMap(problemsOf),
      ...checked.flatMap(faultsOf),
      ...runs.flatMap(({ name, exchanges }) => emptyLists(exchanges, nameOf, name).findings),
      ...undriven(runs.flatMap(({ exchanges }) => exchanges)),
      ...[...missed].map(notFlagged),
    ],
    AllowList.parse(allowedFile),
  );
  const agreement = agreements(runs, nameOf);
  const differences = judge(
    agreement.flatMap((one) => one.findings),
    AllowList.parse(differencesFile),
  );
  return {
    areas: areasOf(checked, findings.open, mutations, missed),
    routes: allRoutes().length,
    compared: agreement.reduce((sum, one) => sum + one.compared, 0),
    allowed: findings.allowed,
    differences: differences.allowed,
    mutations: Object.fromEntries(KINDS.map((kind) => [kind, mutations.filter((one) => one.kind === kind).length])),
    open: [...findings.open, ...differences.open],
    unused: [...findings.unused, ...differences.unused],
  };
}

async function checkAll(oracle: Oracle, runs: readonly Run[]): Promise<Checked[]> {
  const checked: Checked[] = [];
  for (const run of runs)
    for (const exchange of run.exchanges)
      checked.push({ run: run.name, exchange, verdict: await oracle.check(exchange) });
  return checked;
}

/** What can be mutated: described exchanges that succeeded, also those with a fault that is allowed. */
function pairsOf(checked: readonly Checked[]) {
  return checked.flatMap(({ exchange, verdict: { operation, faults } }) =>
    operation && exchange.status < 400 ? [{ exchange, operation, faults }] : [],
  );
}

function notFlagged({ kind, side, operation, path: at }: Mutation): Finding {
  const message = `A mutation (${kind}) passed.`;
  return { code: "NOT_FLAGGED", operation: operation.id, path: `${side}${at}`, message, where: operation.version };
}

/** Both described versions against the clients' own. */
function agreements(runs: readonly Run[], nameOf: (exchange: Exchange) => string) {
  const own = runs.find(({ name }) => name === "own");
  return runs.flatMap((run) => (own && run !== own ? [disagreements(run, own, nameOf)] : []));
}

/** Microsoft's name of the operation behind an exchange; where its version is not described, that of the same step. */
function nameByExchange(checked: readonly Checked[]): (exchange: Exchange) => string {
  const routes = (exchange: Exchange) => {
    const route = routeOf(exchange) ?? `${exchange.method} ${new URL(exchange.url).pathname}`;
    return { route, step: `${exchange.step} ${route}` };
  };
  const known = new Map<string | Exchange, string>();
  for (const { exchange, verdict } of checked) {
    if (!verdict.operation) continue;
    const { route, step } = routes(exchange);
    for (const key of [exchange, step, route]) known.set(key, verdict.operation.id);
  }
  return (exchange) => {
    const { route, step } = routes(exchange);
    return known.get(exchange) ?? known.get(step) ?? known.get(route) ?? route;
  };
}

function problemsOf({ name, problems }: Run): Finding[] {
  return problems.map(({ step, message }) => ({ code: "STEP", operation: step, path: "", message, where: name }));
}

function faultsOf({ run, exchange, verdict: { operation, faults } }: Checked): Finding[] {
  const where = `${exchange.step} (${run})`;
  if (!operation) {
    if (isChallenge(exchange) || run === "own") return [];
    const route = routeOf(exchange) ?? exchange.url;
    return [{ code: "NO_DESCRIPTION", operation: route, path: "", message: "No description covers this.", where }];
  }
  return faults
    .filter(({ side }) => side === "response" || exchange.status < 400)
    .map(({ side, code, path: at, message }) => ({
      code,
      operation: operation.id,
      // An undeclared status is accepted as the one that it is, not as any.
      path: code === "INVALID_RESPONSE_CODE" ? `${side}/${exchange.status}` : `${side}${at}`,
      message: `${message} (${exchange.status}, ${operation.version})`,
      where,
    }));
}

function areasOf(
  checked: readonly Checked[],
  open: readonly Finding[],
  mutations: ReturnType<typeof mutationsOf>,
  missed: ReadonlySet<unknown>,
): Area[] {
  const openAt = new Set(open.map(({ where, operation }) => `${operation} ${where}`));
  const areas = new Map<string, Checked[]>();
  for (const one of checked) {
    const name = areaOf(one.exchange);
    areas.set(name, [...(areas.get(name) ?? []), one]);
  }
  return [...areas]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([area, members]) => {
      const faults = members.flatMap(faultsOf);
      const errors = faults.filter(({ operation, where }) => openAt.has(`${operation} ${where}`)).length;
      const exchanges = new Set(members.map(({ exchange }) => exchange.url));
      const mine = mutations.filter(({ exchange }) => exchanges.has(exchange.url));
      const listed = emptyLists(
        members.map(({ exchange }) => exchange),
        (exchange) => routeOf(exchange) ?? "",
        "",
      );
      return {
        area,
        operations: new Set(members.map(({ exchange }) => routeOf(exchange))).size,
        validated: members.filter(({ verdict }) => verdict.operation !== undefined).length,
        errors,
        allowed: faults.length - errors,
        skipped: members.filter(({ verdict }) => verdict.operation === undefined).length,
        lists: listed.lists,
        mutations: mine.length,
        caught: mine.filter((mutation) => !missed.has(mutation)).length,
      };
    });
}

function areaOf({ url }: Exchange): string {
  const { hostname, pathname } = new URL(url);
  if (hostname.endsWith(".vault.azure.net")) return "vault data plane";
  if (hostname === "api.loganalytics.io") return "log queries";
  const namespace = [...pathname.matchAll(/\/providers\/+([^/]+)/gi)].at(-1)?.[1];
  return namespace?.toLowerCase() ?? "microsoft.resources";
}
