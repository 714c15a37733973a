import type { State } from "../state";

export function monitorCollections(_state: State) {
  return {};
}
