import type { State } from "../state";

export function policyCollections(_state: State) {
  return {};
}
