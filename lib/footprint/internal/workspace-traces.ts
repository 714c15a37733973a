import "server-only";
import { listAlertRules } from "@/lib/azure/rules";
import { getWatchlist } from "@/lib/azure/watchlists";
import { ruleIds } from "@/lib/detection/rule-export";
import { tellingWords } from "../footprint.pure";
import { lastOf, type Source, traceOf } from "./trace";

const READERS = "Every reader of the workspace: see below who that is.";

/** Rules of the workspace: ours by id, others by their title. */
const rules: Source = {
  what: "Analytics rules",
  async read({ asUser, config }) {
    const ours = new Set(ruleIds());
    const { resourceId } = config.workspace;
    const listed = await listAlertRules(asUser, resourceId);
    return listed
      .map((rule) => ({ ...rule, title: String(rule.properties.displayName ?? rule.name) }))
      .filter(({ name, title }) => ours.has(name.toLowerCase()) || tellingWords(title).telling === "plain")
      .map(({ name, title, properties, query }) =>
        traceOf({
          kind: "rule",
          name: title,
          where: `Rule ${name} of the workspace ${lastOf(resourceId)}`,
          readers: `${READERS} Its incidents and alerts carry the title too.`,
          texts: [String(properties.description ?? "")],
          ...(ours.has(name.toLowerCase()) && query !== "" && { content: "its query reads the register" }),
          instead:
            "Another title would hide nothing, since the query says it too. Keep readers of the workspace few, or give them single tables.",
        }),
      );
  },
};

/** The register's alias and title. */
const watchlist: Source = {
  what: "The watchlist",
  async read({ asUser, config }) {
    const { resourceId } = config.workspace;
    const list = await getWatchlist(asUser, resourceId, config.watchlistAlias);
    if (!list) return [];
    return [
      traceOf({
        kind: "watchlist",
        name: config.watchlistAlias,
        where: `Watchlist of the workspace ${lastOf(resourceId)}`,
        readers: READERS,
        texts: [list.displayName],
        content: "its rows name every honeytoken",
        instead: "Set WATCHLIST_ALIAS to a dull name before the first deployment. The rows stay readable all the same.",
      }),
    ];
  },
};

export const workspaceTraces: readonly Source[] = [rules, watchlist];
