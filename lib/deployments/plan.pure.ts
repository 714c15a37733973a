import { z } from "zod";

export const DecoyKind = z.enum(["secret", "key"]);
export type DecoyKind = z.infer<typeof DecoyKind>;

/** A Key Vault object name: letters, digits and hyphens, 1 to 127. */
const ObjectName = z
  .string()
  .regex(/^[0-9a-zA-Z-]{1,127}$/, "A name has 1 to 127 letters, digits or hyphens; no dots, spaces or underscores.");

export const DECOYS_PER_VAULT_MAX = 5;

/** What a person asks for; the same schema in the form, in the action and in the preview. */
export const PlantRequest = z.strictObject({
  vaultId: z.string().max(400),
  kind: DecoyKind,
  count: z.number().int().min(1).max(DECOYS_PER_VAULT_MAX),
  /** Administrators only, and only with a count of one. */
  name: ObjectName.optional(),
  /** The person has read what the preview warns of, such as too few days of log, and takes that risk. */
  acceptUnknownReaders: z.boolean().default(false),
});
export type PlantRequest = z.infer<typeof PlantRequest>;

/** The recorded steps of planting in one vault, in order. `effect` = something outside our database changes. */
export const STEPS = [
  { name: "check", effect: false, title: "Check your right, the vault and the name" },
  { name: "grant", effect: true, title: "Give the planting identity the right to write, for this job only" },
  { name: "register", effect: true, title: "Register the honeytoken, so that it is watched before it exists" },
  { name: "watch", effect: false, title: "Wait until the workspace itself shows the register entry" },
  { name: "plant", effect: true, title: "Write the honeytoken into the vault" },
  { name: "confirm", effect: false, title: "List the vault and see that it is there" },
  { name: "revoke", effect: true, title: "Take back exactly the right that was given" },
  { name: "publish", effect: true, title: "Mark the register entry as live" },
  { name: "arrive", effect: false, title: "Wait until the planting shows in the audit log" },
] as const;
export type StepName = (typeof STEPS)[number]["name"];

/** The same for removing what was planted. */
export const RETIRE_STEPS = [
  { name: "select", effect: false, title: "Check your right, and that the honeytokens are ours" },
  { name: "mark", effect: true, title: "Mark the register entries, so that our own deletion raises no alarm" },
  { name: "allow", effect: true, title: "Give the planting identity the right to delete, for this job only" },
  { name: "notice", effect: false, title: "Wait until the workspace itself shows the marks" },
  { name: "remove", effect: true, title: "Delete the honeytokens" },
  { name: "gone", effect: false, title: "List the vault and see that they are gone" },
  { name: "disallow", effect: true, title: "Take back exactly the right that was given" },
] as const;
export type RetireStepName = (typeof RETIRE_STEPS)[number]["name"];

/** The same for a further version of what was planted. */
export const RENEW_STEPS = [
  { name: "due", effect: false, title: "Check the right, the vault, and that the honeytokens are ours" },
  { name: "window", effect: true, title: "Open the register entries, so that our own write raises no alarm" },
  { name: "grant", effect: true, title: "Give the planting identity the right to write, for this job only" },
  { name: "seen", effect: false, title: "Wait until the workspace itself shows the opened entries" },
  { name: "renew", effect: true, title: "Write one further version of each honeytoken" },
  { name: "revoke", effect: true, title: "Take back exactly the right that was given" },
  { name: "shown", effect: false, title: "Wait until the audit log shows these versions and no other" },
] as const;
export type RenewStepName = (typeof RENEW_STEPS)[number]["name"];

/** The recorded steps of each kind of work; a replacement plants first and removes only then. */
export function stepsOf(operation: "plant" | "retire" | "replace" | "renew") {
  if (operation === "plant") return [...STEPS];
  if (operation === "renew") return [...RENEW_STEPS];
  return operation === "retire" ? [...RETIRE_STEPS] : [...STEPS, ...RETIRE_STEPS];
}

/** The step in which a right is given, by what it is for. */
export const GIVING = { plant: "grant", retire: "allow" } as const;

/** GET /api/plan?…, with a chosen name an action: what planting would do; nothing is written. No decoy name in it. */
export const PlantPreview = z.object({
  steps: z.array(z.object({ name: z.string(), title: z.string(), detail: z.string() })),
  /** Reasons why it cannot be done, each a sentence with what to do; empty = it can. */
  blocked: z.array(z.string()),
  /** All that stands against it is a risk that the person may take: `acceptUnknownReaders`. */
  acceptable: z.boolean(),
  warnings: z.array(z.string()),
});
export type PlantPreview = z.infer<typeof PlantPreview>;
