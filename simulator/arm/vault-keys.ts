import { z } from "zod";
import type { Call } from "../context";
import { derivedHex } from "../derived-id";
import type { Router } from "../http";
import {
  EC_OPERATIONS,
  isCurve,
  type KeyPublicPart,
  makeEcKey,
  makeRsaKey,
  RSA_OPERATIONS,
} from "../keyvault/key-material";
import type { ObjectVersion, VaultObject } from "../model";
import { recordActivity } from "./activity";
import { badRequest, conflict } from "./errors";
import { ok, readBody } from "./respond";
import { authorize, requireVault, vaultIdOf } from "./scope";
import { auditVaultCall } from "./vault-audit";
import { vaultOrigin } from "./vault-body";
import { keyBody } from "./vault-objects";

const Body = z.object({
  tags: z.record(z.string(), z.string()).nullish(),
  properties: z.object({
    kty: z.enum(["RSA", "EC", "RSA-HSM", "EC-HSM"]),
    keySize: z.union([z.literal(2048), z.literal(3072), z.literal(4096)]).nullish(),
    curveName: z.string().max(32).nullish(),
    keyOps: z.array(z.enum([...RSA_OPERATIONS, "import", "release"])).nullish(),
    attributes: z.object({ enabled: z.boolean().nullish(), nbf: z.int().nullish(), exp: z.int().nullish() }).nullish(),
  }),
});

type KeyInput = z.infer<typeof Body>;

/**
 * `PUT vaults/{v}/keys/{n}`: makes the key when the vault has none of that name and leaves an existing one as it is,
 * whatever the body says. It goes past the vault's firewall and data permissions.
 */
export function routeVaultKeys(router: Router<Call>): void {
  router.on(
    "PUT",
    "/subscriptions/{s}/resourceGroups/{g}/providers/Microsoft.KeyVault/vaults/{v}/keys/{n}",
    (call, params) => {
      const action = "Microsoft.KeyVault/vaults/keys/write";
      const name = params.n ?? "";
      authorize(call, action, `${vaultIdOf(params)}/keys/${name}`);
      const vault = requireVault(call, params);
      if (!/^[0-9a-zA-Z-]{1,127}$/.test(name)) throw badRequest(`The key name '${name}' is invalid.`, "BadParameter");
      const input = readBody(call, Body, "BadParameter");
      const existing = call.model.objects.get(`${vault.id}/keys/${name}`);
      if (existing?.deletedAt !== undefined && (existing.purgeAt === undefined || existing.purgeAt > call.now())) {
        throw conflict(
          `Key ${name} is currently in a deleted but recoverable state, and its name cannot be reused; in this state, the key can only be recovered or purged.`,
        );
      }
      const live = existing?.deletedAt === undefined ? existing : undefined;
      const key = live ?? { vaultId: vault.id, kind: "key" as const, name, versions: [firstVersion(call, input)] };
      if (!live) call.model.objects.put(`${vault.id}/keys/${name}`, key);
      recordActivity(call, { action, scope: `${vault.id}/keys/${key.name}`, status: 200 });
      auditVaultCall(call, vault, "KeyResourcePut", 200, keyUri(vaultOrigin(vault), key));
      return ok(keyBody(vault, key));
    },
  );
}

function keyUri(origin: string, key: VaultObject): string {
  return `${origin}/keys/${key.name}/${key.versions.at(-1)?.version ?? ""}`;
}

function firstVersion(call: Call, { properties, tags }: KeyInput): ObjectVersion {
  const now = call.now();
  const { attributes } = properties;
  return {
    version: derivedHex(call, `version of ${call.request.path}`),
    enabled: attributes?.enabled ?? true,
    created: now,
    updated: now,
    ...(attributes?.nbf == null ? {} : { notBefore: attributes.nbf * 1000 }),
    ...(attributes?.exp == null ? {} : { expires: attributes.exp * 1000 }),
    tags: tags ?? {},
    jwk: publicPart(properties),
  };
}

function publicPart({ kty, keySize, curveName, keyOps }: KeyInput["properties"]): KeyPublicPart {
  if (kty.endsWith("-HSM"))
    throw badRequest(`The key type '${kty}' is not supported by a standard vault.`, "BadParameter");
  if (kty === "RSA") return makeRsaKey(keySize ?? 2048, 65_537, keyOps ?? RSA_OPERATIONS);
  const curve = curveName ?? "P-256";
  if (!isCurve(curve)) throw badRequest(`The curve '${curve}' is not supported.`, "BadParameter");
  return makeEcKey(curve, keyOps ?? EC_OPERATIONS);
}
