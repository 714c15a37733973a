import { formatNumber, plural } from "@/components/ui/plural";
import type {
  DeploymentState,
  DeploymentView,
  GrantWay,
  ItemState,
  ItemView,
  Operation,
} from "@/lib/deployments/views.pure";

/** What a deployment does, as a button and a heading say it. */
export const OPERATION_WORDS: Record<Operation, { name: string; start: string; title: string }> = {
  plant: { name: "Plant", start: "plant in", title: "Honeytokens for" },
  retire: { name: "Remove", start: "remove from", title: "Removal from" },
  replace: { name: "Replace", start: "replace in", title: "Replacement in" },
  renew: { name: "Renew", start: "renew in", title: "Further versions in" },
};

const OVER: readonly DeploymentState[] = ["done", "failed", "needs_person", "cancelled"];

/** Whether nothing more happens to a deployment by itself. */
export function isOver(state: DeploymentState): boolean {
  return OVER.includes(state);
}

/** "1 secret in kv-orders", "Honeytokens for 212 vaults". */
export function titleOf({ operation, count, kind, items, total, state }: DeploymentView): string {
  const [only] = items;
  // How many they are is not known while they are looked up.
  const many = state === "planning" && total === 0 ? "the chosen vaults" : plural(total, "vault");
  const where = only && total === 1 ? only.vaultName : many;
  if (operation === "plant" && only && total === 1 && count !== null && kind !== "auto")
    return `${plural(count, kind)} in ${where}`;
  return `${OPERATION_WORDS[operation].title} ${where}`;
}

/** "150 secrets and 62 keys"; the kind that there is none of is left out. */
export function things({ secrets, keys }: { secrets: number; keys: number }): string {
  const parts = [secrets > 0 && plural(secrets, "secret"), keys > 0 && plural(keys, "key")].filter(Boolean);
  return parts.length === 0 ? "nothing" : parts.join(" and ");
}

const KIND_WORDS: Record<DeploymentView["kind"], string> = {
  auto: "Secrets, but keys where an application loads every secret",
  secret: "Secrets",
  key: "Keys",
};

/** What was asked for, beside which vaults: kind, how many, how fast. */
export function askedFor({
  operation,
  kind,
  count,
  spreadHours,
  history,
}: Pick<DeploymentView, "operation" | "kind" | "count" | "spreadHours" | "history">): string {
  const replacing = operation === "replace";
  const usual = replacing ? "as many as there were" : "as many as the settings say";
  const number = count === null ? usual : `${count} in each vault`;
  const pace = spreadHours === 0 ? "as fast as Azure allows" : `spread over ${plural(spreadHours, "hour")}`;
  const later = history ? "; further versions over time, at the rhythm of each vault" : "";
  const what = replacing && kind === "auto" ? "Of the kind of those that they replace" : KIND_WORDS[kind];
  return `${what}; ${number}; ${pace}${later}`;
}

/** What a plan does in one vault, from the register to the right: "Registers and writes 1 secret; role at the vault, taken back afterwards". */
export function vaultPlan(
  operation: Operation,
  { kind, count, plan }: Pick<ItemView, "kind" | "count" | "plan">,
): string {
  const { grant = "none", removes = { secrets: 0, keys: 0 }, way } = plan ?? {};
  const through = way === "arm_key" ? " through Azure Resource Manager" : "";
  const written = kind === null || count === null ? "nothing" : `${plural(count, kind)}${through}`;
  const done = {
    plant: `Registers and writes ${written}`,
    retire: `Deletes ${things(removes)}`,
    replace: `Registers and writes ${written} under new names, then deletes ${things(removes)}`,
    renew: `Writes a further version of ${written}`,
  }[operation];
  return `${done}; ${GRANT_WORDS[grant]}${grant === "none" ? "" : ", taken back afterwards"}`;
}

/** How one vault's right is given, in a few words. */
const GRANT_WORDS: Record<GrantWay, string> = {
  none: "no right needed",
  vault_role: "role at the vault",
  group_role: "role at the resource group",
  policy: "access policy",
};

/** Seconds as a person says them: "under a minute", "12 min", "3 h 20 min", "2 days 4 h". */
export function durationOf(seconds: number): string {
  const minutes = Math.ceil(seconds / 60);
  if (seconds < 60) return seconds === 0 ? "no time" : `${Math.ceil(seconds)} s`;
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  const days = Math.floor(hours / 24);
  return hours % 24 === 0 ? `${days} days` : `${days} days ${hours % 24} h`;
}

type Count = { state: ItemState; word: string };

/** The states of vaults in the order in which a person asks for them. */
export const ITEM_WORDS: readonly Count[] = [
  { state: "planned", word: "Planned" },
  { state: "running", word: "Running" },
  { state: "queued", word: "Queued" },
  { state: "done", word: "Done" },
  { state: "failed", word: "Failed" },
  { state: "needs_person", word: "Needs a person" },
  { state: "blocked", word: "Blocked" },
  { state: "skipped", word: "Skipped" },
  { state: "cancelled", word: "Cancelled" },
];

/** "3 failed and 2 cancelled": what a retry takes up again. */
export function retried({ failed, cancelled }: DeploymentView["counts"]): string {
  const parts = [
    failed > 0 && `${formatNumber(failed)} failed`,
    cancelled > 0 && `${formatNumber(cancelled)} cancelled`,
  ].filter(Boolean);
  return parts.join(" and ");
}
