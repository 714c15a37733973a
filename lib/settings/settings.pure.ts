import { z } from "zod";
import { DecoySettings } from "@/lib/decoys/settings.pure";
import { SPREAD_HOURS_MAX } from "@/lib/deployments/fleet.pure";
import { NEUTRAL_NAMES, PolicyNames, RecommendationLink } from "@/lib/distribution/policies.pure";
import { DrillSettings } from "@/lib/drills/drills.pure";
import { WebhookSettings } from "@/lib/notices/webhook.pure";

const hour = z.int("Give a whole hour.").min(0, "Give an hour from 0 to 23.").max(23, "Give an hour from 0 to 23.");

/** Hours of the day, UTC, from the beginning of `from` to the beginning of `to`; over midnight when `to` is smaller. */
export const HoursOfDay = z
  .strictObject({ from: hour, to: hour })
  .refine(({ from, to }) => from !== to, { message: "Give two different hours.", path: ["to"] });
export type HoursOfDay = z.infer<typeof HoursOfDay>;

/** Deployments over many vaults. Retiring the honeytokens of all vaults needs an approval whatever stands here. */
export const DeploymentSettings = z.strictObject({
  /** With more vaults than this a second administrator has to approve. */
  approvalAboveVaults: z
    .int("Give a whole number.")
    .min(1, "At least 1.")
    .max(1_000_000, "At most 1,000,000.")
    .default(500),
  /** Over how many hours the writing is spread when the person who asks says nothing else; 0 = as fast as Azure allows. */
  defaultSpreadHours: z
    .int("Give a whole number.")
    .min(0, "At least 0.")
    .max(SPREAD_HOURS_MAX, `At most ${SPREAD_HOURS_MAX}.`)
    .default(0),
  /** No deployment over many vaults is started in these hours; null = at any hour. */
  refuseHours: HoursOfDay.nullable().default(null),
  /** Roles for the time of the work are given with an end that Azure keeps (Privileged Identity Management, Entra ID P2). */
  timeBoundRoles: z.boolean().default(false),
});
export type DeploymentSettings = z.infer<typeof DeploymentSettings>;

/** What happens to vaults that were made since the last night. */
export const NewVaultSettings = z.strictObject({
  /** off = nothing; wait = a plan that waits for an administrator; carry_out = a plan that starts by itself. */
  nightlyPlan: z.enum(["off", "wait", "carry_out"]).default("wait"),
  /** When the plan is made, UTC. */
  hour: hour.default(1),
});
export type NewVaultSettings = z.infer<typeof NewVaultSettings>;

/** What owners are told by Azure Policy and Defender for Cloud. */
export const RecommendationSettings = z.strictObject({
  /** Owners are asked for reviews: it may be deployed, and boards show whose vaults are flagged. */
  inUse: z.boolean().default(false),
  names: PolicyNames.default(NEUTRAL_NAMES),
  /** The address that owners open; null = the product's own view of their vaults. */
  link: RecommendationLink.nullable().default(null),
  /** The product writes the review tag after the vault's state, both ways, as the registrar. */
  keepTag: z.boolean().default(false),
});
export type RecommendationSettings = z.infer<typeof RecommendationSettings>;

/** The groups of settings, each with its schema; the defaults are in the schemas. */
export const SETTING_GROUPS = {
  decoys: DecoySettings,
  deployments: DeploymentSettings,
  newVaults: NewVaultSettings,
  webhook: WebhookSettings,
  drills: DrillSettings,
  recommendation: RecommendationSettings,
} as const;
export type SettingGroup = keyof typeof SETTING_GROUPS;

export interface Settings {
  decoys: DecoySettings;
  deployments: DeploymentSettings;
  newVaults: NewVaultSettings;
  webhook: WebhookSettings;
  drills: DrillSettings;
  recommendation: RecommendationSettings;
}

/** What holds until an administrator changes something. */
export const DEFAULT_SETTINGS: Settings = {
  decoys: DecoySettings.parse({}),
  deployments: DeploymentSettings.parse({}),
  newVaults: NewVaultSettings.parse({}),
  webhook: WebhookSettings.parse({}),
  drills: DrillSettings.parse({}),
  recommendation: RecommendationSettings.parse({}),
};

/** The time of the change that the person had before their eyes, ISO; null = the defaults. Guards against a lost change. */
const basedOn = z.iso.datetime().nullable();

/** A change of one group as a whole. */
export const SettingsChange = z.discriminatedUnion("group", [
  z.strictObject({ group: z.literal("decoys"), value: DecoySettings, basedOn }),
  z.strictObject({ group: z.literal("deployments"), value: DeploymentSettings, basedOn }),
  z.strictObject({ group: z.literal("newVaults"), value: NewVaultSettings, basedOn }),
  z.strictObject({ group: z.literal("webhook"), value: WebhookSettings, basedOn }),
  z.strictObject({ group: z.literal("drills"), value: DrillSettings, basedOn }),
  z.strictObject({ group: z.literal("recommendation"), value: RecommendationSettings, basedOn }),
]);
export type SettingsChange = z.infer<typeof SettingsChange>;

const Changed = z.object({ at: z.iso.datetime(), by: z.string() }).nullable();

/** GET /api/settings */
export const SettingsView = z.object({
  settings: z.object(SETTING_GROUPS),
  /** Who changed a group last, and when; null = never, so the defaults hold. */
  changed: z.object({
    decoys: Changed,
    deployments: Changed,
    newVaults: Changed,
    webhook: Changed,
    drills: Changed,
    recommendation: Changed,
  }),
  mayChange: z.boolean(),
});
export type SettingsView = z.infer<typeof SettingsView>;

/** Whether `at` lies in the hours. */
export function isWithin(hours: HoursOfDay | null, at: Date): boolean {
  if (hours === null) return false;
  const now = at.getUTCHours();
  const { from, to } = hours;
  return from < to ? from <= now && now < to : from <= now || now < to;
}
