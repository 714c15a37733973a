import { Random } from "./random";
import { AREAS, ENVIRONMENTS, REGIONS, TEAMS } from "./words";

/** How the signed-in vault owner stands to a resource group. */
type OwnerRights = "contributor" | "reader" | "none";

/** One resource group with the vaults of one team in one environment. */
export interface GroupPlan {
  index: number;
  /** `/subscriptions/{s}/resourceGroups/{name}` */
  id: string;
  name: string;
  subscriptionId: string;
  subscriptionIndex: number;
  team: string;
  environment: string;
  location: string;
  /** Number of vaults. */
  size: number;
  ownerRights: OwnerRights;
  vaultName(place: number): string;
}

const KINDS_OF_PLACE = TEAMS.length * ENVIRONMENTS.length * REGIONS.length;

/** The resource groups in order; the first three are those that the vault owner of the sign-in page can see. */
export function groupPlans(options: { seed: number; vaults: number; subscriptions: string[] }): GroupPlan[] {
  const random = new Random(`${options.seed}/groups`);
  const groups: GroupPlan[] = [];
  let left = options.vaults;
  while (left > 0) {
    const index = groups.length;
    const wanted = index < 2 ? 10 : index === 2 ? 6 : random.int(6, 14);
    const size = Math.min(wanted, left);
    groups.push(planGroup(index, size, options.subscriptions));
    left -= size;
  }
  return groups;
}

/** The name of a subscription, by its place in the estate. */
export function subscriptionName(index: number): string {
  if (index === 0) return "Contoso Platform";
  const area = AREAS[(index - 1) % AREAS.length] ?? "Shared";
  const wave = Math.floor((index - 1) / (AREAS.length * 2));
  const kind = Math.floor((index - 1) / AREAS.length) % 2 === 0 ? "Production" : "Non-Production";
  return `Contoso ${area} ${kind}${wave === 0 ? "" : ` ${wave + 1}`}`;
}

function planGroup(index: number, size: number, subscriptions: string[]): GroupPlan {
  const { team, environment, region, wave } = placeOf(index);
  const suffix = wave === 0 ? "" : `-${wave + 1}`;
  const name = `rg-${team}-${environment}-${region.short}${suffix}`;
  // The owner's groups lie in different subscriptions, so that a filter by subscription alone cannot be right.
  const subscriptionIndex = [1, 0, 2][index] ?? index % subscriptions.length;
  const subscriptionId = subscriptions[subscriptionIndex] ?? "";
  return {
    index,
    id: `/subscriptions/${subscriptionId}/resourceGroups/${name}`,
    name,
    subscriptionId,
    subscriptionIndex,
    team,
    environment,
    location: region.location,
    size,
    ownerRights: index < 2 ? "contributor" : index === 2 ? "reader" : "none",
    vaultName: (place) => vaultName(index, team, environment, region.short, wave * 14 + place + 1),
  };
}

/** Payments in production and test, orders in production, then every team, environment and region in turn. */
function placeOf(index: number) {
  const owned = [
    { team: "payments", environment: "prod", region: REGIONS[0] },
    { team: "payments", environment: "test", region: REGIONS[0] },
    { team: "orders", environment: "prod", region: REGIONS[1] },
  ][index];
  if (owned) return { ...owned, wave: 0 };
  // Steps through all combinations; what the owner's groups took comes back with the next number.
  const step = index - 3;
  const team = TEAMS[(step + 2) % TEAMS.length] ?? "shared";
  const environment = ENVIRONMENTS[(step + Math.floor(step / TEAMS.length)) % ENVIRONMENTS.length] ?? "prod";
  const region = REGIONS[Math.floor(step / (TEAMS.length * ENVIRONMENTS.length)) % REGIONS.length] ?? REGIONS[0];
  return {
    team,
    environment,
    region,
    wave: Math.floor(step / KINDS_OF_PLACE) + (collidesWithOwned(team, environment, region.short) ? 1 : 0),
  };
}

function collidesWithOwned(team: string, environment: string, region: string): boolean {
  return ["payments/prod/weu", "payments/test/weu", "orders/prod/neu"].includes(`${team}/${environment}/${region}`);
}

/** At most 24 characters, unique over the estate; each team writes its names in its own way. */
function vaultName(group: number, team: string, environment: string, region: string, number: number): string {
  const digits = number < 100 ? String(number).padStart(2, "0") : (number + 260).toString(36);
  const style = group < 3 ? 0 : TEAMS.indexOf(team) % 3;
  if (style === 1) return `${team}-${environment}-kv-${region}${digits}`;
  if (style === 2) return `kv${team}${environment}${region}${digits}`;
  return `kv-${team}-${environment}-${region}-${digits}`;
}
