import type { AggregateSpec } from "./aggregate";
import { COLLECTION_AGGREGATES } from "./collections";
import { NUMBER_AGGREGATES } from "./numbers";
import { PICK_AGGREGATES } from "./picks";

const AGGREGATES: ReadonlyMap<string, AggregateSpec> = new Map([
  ...Object.entries(NUMBER_AGGREGATES),
  ...Object.entries(COLLECTION_AGGREGATES),
  ...Object.entries(PICK_AGGREGATES),
]);

/** The aggregate of that name; undefined when the engine lacks it. */
export function findAggregate(name: string): AggregateSpec | undefined {
  return AGGREGATES.get(name);
}

export function aggregateNames(): string[] {
  return [...AGGREGATES.keys()];
}
