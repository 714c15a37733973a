import type { VaultDetail } from "@/lib/coverage/board.pure";
import { reasonText } from "@/lib/coverage/reasons.pure";
import type { FactView } from "./fact-list";

/** The place on the vault's page that puts a fact right; null where there is none, or where the person may not. */
export function whereToFix(fact: FactView, may: VaultDetail["may"]): string | null {
  if (fact.outcome === "pass" || fact.outcome === "waiting") return null;
  const { action } = reasonText(fact.reason);
  if (action === "drill") return "#drill";
  const possible = (action === "enable_logging" && may.changeLogging) || (action === "plant" && may.plant);
  return possible ? "#plant" : null;
}
