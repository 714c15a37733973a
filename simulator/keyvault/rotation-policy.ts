import { z } from "zod";
import type { VaultObject } from "../model";
import { seconds } from "./attributes";
import { versionOf } from "./object-operations";
import { putObject, requireObject } from "./objects";
import { type Answer, parseBody, type VaultCall } from "./vault-call";
import { badParameter } from "./vault-errors";

type RotationPolicy = NonNullable<VaultObject["rotationPolicy"]>;

/** A key may be rotated 7 days after it was made at the earliest. Source: "Configure key autorotation". */
const ROTATION_DAYS_MIN = 7;
/** A policy's expiry lies 28 days ahead at least. */
const EXPIRY_DAYS_MIN = 28;

const duration = z
  .string()
  .regex(/^P(\d{1,4}[DWMY])+$/, "must be an ISO 8601 duration of days, weeks, months or years");

const PolicyInput = z.looseObject({
  lifetimeActions: z
    .array(
      z.looseObject({
        trigger: z
          .looseObject({ timeAfterCreate: duration.nullish(), timeBeforeExpiry: duration.nullish() })
          .refine(
            (trigger) => (trigger.timeAfterCreate == null) !== (trigger.timeBeforeExpiry == null),
            "must be timeAfterCreate or timeBeforeExpiry",
          ),
        action: z.looseObject({
          type: z
            .string()
            .transform((type) => type.toLowerCase())
            .pipe(z.enum(["rotate", "notify"])),
        }),
      }),
    )
    .max(2)
    .nullish(),
  attributes: z.looseObject({ expiryTime: duration.nullish() }).nullish(),
});

/** The policy of a key; one that was never set has no rotation and a notice 30 days before expiry. */
export function getRotationPolicy(call: VaultCall, name: string): Answer {
  const object = requireObject(call, "key", name);
  return answer(call, object, object.rotationPolicy ?? defaultPolicy(object));
}

/** Sets the policy. It is kept and told, and no key is rotated by it. @throws AzureError 400 for intervals that are too short. */
export function setRotationPolicy(call: VaultCall, name: string): Answer {
  const object = requireObject(call, "key", name);
  const { lifetimeActions, attributes } = parseBody(call, PolicyInput);
  const expiryTime = attributes?.expiryTime ?? undefined;
  if (expiryTime !== undefined && days(expiryTime) < EXPIRY_DAYS_MIN)
    throw badParameter(`Property attributes.expiryTime has invalid value: at least P${EXPIRY_DAYS_MIN}D`);
  const now = call.now();
  const policy: RotationPolicy = {
    lifetimeActions: (lifetimeActions ?? []).map(({ trigger, action }) => lifetimeAction(trigger, action.type)),
    ...(expiryTime !== undefined && { expiryTime }),
    created: object.rotationPolicy?.created ?? now,
    updated: now,
  };
  const changed = { ...object, rotationPolicy: policy };
  putObject(call, changed);
  return answer(call, changed, policy);
}

type Action = RotationPolicy["lifetimeActions"][number];

function lifetimeAction(
  trigger: { timeAfterCreate?: string | null | undefined; timeBeforeExpiry?: string | null | undefined },
  type: "rotate" | "notify",
): Action {
  if (type === "notify") {
    if (trigger.timeBeforeExpiry == null)
      throw badParameter("Property lifetimeActions.trigger has invalid value: a notice has timeBeforeExpiry");
    return { trigger: { timeBeforeExpiry: trigger.timeBeforeExpiry }, action: { type: "Notify" } };
  }
  const { timeAfterCreate, timeBeforeExpiry } = trigger;
  const after = timeAfterCreate ?? timeBeforeExpiry ?? "";
  if (days(after) < ROTATION_DAYS_MIN)
    throw badParameter(`Property lifetimeActions.trigger has invalid value: at least P${ROTATION_DAYS_MIN}D`);
  return {
    trigger: timeAfterCreate != null ? { timeAfterCreate } : { timeBeforeExpiry: after },
    action: { type: "Rotate" },
  };
}

const DAYS: Readonly<Record<string, number>> = { D: 1, W: 7, M: 30, Y: 365 };

function days(text: string): number {
  return [...text.matchAll(/(\d+)([DWMY])/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (DAYS[unit ?? ""] ?? 0),
    0,
  );
}

function defaultPolicy(object: VaultObject): RotationPolicy {
  const { created, updated } = versionOf(object, undefined);
  const notice: Action = { trigger: { timeBeforeExpiry: "P30D" }, action: { type: "Notify" } };
  return { lifetimeActions: [notice], created, updated };
}

function answer(call: VaultCall, object: VaultObject, policy: RotationPolicy): Answer {
  const { lifetimeActions, expiryTime, created, updated } = policy;
  return {
    body: {
      id: `${call.origin}/keys/${object.name}/rotationpolicy`,
      lifetimeActions,
      attributes: {
        ...(expiryTime !== undefined && { expiryTime }),
        created: seconds(created),
        updated: seconds(updated),
      },
    },
    objectUri: `${call.origin}/keys/${object.name}`,
  };
}
