import { z } from "zod";
import { VAULT_NETWORKS } from "@/lib/azure/vault-network.pure";
import { VaultException } from "@/lib/exceptions/vault-exception.pure";

/** One vault on the board. Holds counts and states only: this also goes to owners. */
export const BoardRow = z.object({
  id: z.string(),
  name: z.string(),
  subscriptionId: z.string(),
  subscription: z.string(),
  resourceGroup: z.string(),
  location: z.string(),
  permissionModel: z.enum(["rbac", "policies"]),
  network: z.enum(VAULT_NETWORKS),
  state: z.enum(["protected", "unprotected", "waiting", "unknown", "exempt"]),
  reason: z.string(),
  decoys: z.number().int(),
  /** The signed-in person holds a role with which decoys may be planted here. */
  mine: z.boolean(),
  /** Its owner is asked for a review: the recommendation is in use, and the vault's tag does not say Reviewed. */
  flagged: z.boolean(),
  /** A deployment has it in hand, or will: queued or running here, so no other one begins. */
  deploying: z.boolean(),
  /** Oldest of the facts that decided, ISO; null when one was never collected. */
  checkedAt: z.string().nullable(),
});
export type BoardRow = z.infer<typeof BoardRow>;

/** GET /api/subscriptions: names by lower-case id */
export const SubscriptionNames = z.object({ names: z.record(z.string(), z.string()) });
export type SubscriptionNames = z.infer<typeof SubscriptionNames>;

/** GET /api/vaults */
export const Board = z.object({
  vaults: z.array(BoardRow),
  /** When the bulk facts were read, ISO. */
  readAt: z.string(),
  /** Background collection: how many vaults are determined, and how many there are. */
  collector: z.object({ done: z.number(), total: z.number(), running: z.boolean() }),
  /** An administrator has put the recommendation to use, so that being flagged means something. */
  reviews: z.boolean(),
  /** Sources that failed, each a sentence; the board is then partial and says so. */
  warnings: z.array(z.string()),
});
export type Board = z.infer<typeof Board>;

const FactSchema = z.object({
  name: z.enum(["auditLog", "registered", "decoyPresent", "ruleOn", "rowsArriving", "proven"]),
  outcome: z.enum(["pass", "waiting", "fail", "unknown"]),
  reason: z.string(),
  evidence: z.string(),
  checkedAt: z.string().nullable(),
});

/** GET /api/vaults/{subscription}/{group}/{name} */
export const VaultDetail = z.object({
  vault: BoardRow,
  facts: z.array(FactSchema),
  /** What the signed-in person may do here; each false comes with a sentence. */
  may: z.object({
    plant: z.boolean(),
    plantReason: z.string().nullable(),
    changeLogging: z.boolean(),
    changeLoggingReason: z.string().nullable(),
    /** Have a right to read given to the identity that makes drills. */
    giveReads: z.boolean(),
    giveReadsReason: z.string().nullable(),
    nameDecoys: z.boolean(),
    /** Add and end exclusions and exemptions. */
    except: z.boolean(),
    /** Write the vault's tags. */
    tag: z.boolean(),
    tagReason: z.string().nullable(),
  }),
  /** The review tag of this vault; null while the recommendation is not in use. */
  review: z
    .object({
      tagName: z.string(),
      /** Null = the vault does not have the tag. */
      value: z.string().nullable(),
      /** The tag says Reviewed, and the vault is not green. */
      drift: z.boolean(),
      /** Green or exempt, so that it may be called reviewed. */
      ready: z.boolean(),
      /** The product writes the tag by itself. */
      kept: z.boolean(),
      /** When a drift is undone, if the vault stays red; ISO. */
      undoneAt: z.string().nullable(),
    })
    .nullable(),
  /** The exclusion and the exemption that hold for this vault; of each the one of the narrowest scope. */
  exceptions: z.array(VaultException),
  /** Deployments that touch this vault, newest first. */
  deployments: z.array(
    z.object({
      id: z.string(),
      /** Of this vault's own part in it. */
      state: z.string(),
      createdAt: z.string(),
      /** The signed-in person may open it. */
      opens: z.boolean(),
    }),
  ),
  /** Only for SOC analysts and administrators; absent for owners. */
  decoys: z
    .array(
      z.object({
        /** In our register; what removes or replaces this one names it so. */
        id: z.string(),
        kind: z.enum(["secret", "key"]),
        name: z.string(),
        state: z.string(),
        /** What somebody did to it, as far as is known. */
        broken: z.enum(["deleted", "disabled", "expired"]).nullable(),
        plantedAt: z.string().nullable(),
        /** Of one that was deleted: until when Azure can bring it back; it is watched until then. */
        recoverableUntil: z.string().nullable(),
      }),
    )
    .optional(),
});
export type VaultDetail = z.infer<typeof VaultDetail>;
