import type { VaultDetail } from "@/lib/coverage/board.pure";
import { reasonText } from "@/lib/coverage/reasons.pure";
import type { FactView } from "./fact-list";

/** The way to what puts a fact right on this page; nothing for a person who may not. */
export function FixLink({ fact, may }: { fact: FactView; may: VaultDetail["may"] }) {
  if (fact.outcome === "pass" || fact.outcome === "waiting") return null;
  const { action } = reasonText(fact.reason);
  if (action === "enable_logging" && may.changeLogging) return <a href="#plant">Switch on the audit log</a>;
  if (action === "plant" && may.plant) return <a href="#plant">Plant a honeytoken</a>;
  return null;
}
