import type { State } from "../state";

export function defenderCollections(_state: State) {
  return {};
}
