import type { Call } from "../context";
import type { Router } from "../http";
import type { ObjectKind, ObjectVersion, Vault, VaultObject } from "../model";
import type { Collection } from "../state";
import { resourceNotFound } from "./errors";
import { ok, page, readTop } from "./respond";
import { authorize, requireVault, vaultIdOf } from "./scope";
import { vaultOrigin } from "./vault-body";

const VAULT = "/subscriptions/{s}/resourceGroups/{g}/providers/Microsoft.KeyVault/vaults/{v}";

/**
 * Secrets and keys as ARM resources: lists and gets without values. They go past the vault's firewall and its data
 * permissions, need only a control-plane read right, and leave no row in the vault's log.
 */
export function routeVaultObjects(router: Router<Call>): void {
  for (const kind of ["secret", "key"] as const) {
    const plural = `${kind}s`;
    const action = `Microsoft.KeyVault/vaults/${plural}/read`;
    const body = kind === "secret" ? secretBody : keyBody;

    router.on("GET", `${VAULT}/${plural}`, (call, params) => {
      authorize(call, action, `${vaultIdOf(params)}/${plural}`);
      const vault = requireVault(call, params);
      const { value, ...rest } = page(
        call,
        liveObjects(call, vault, kind),
        ({ name }) => name,
        readTop(call, 100, 1000),
      );
      return ok({ value: value.map((object) => body(vault, object)), ...rest });
    });

    router.on("GET", `${VAULT}/${plural}/{n}`, (call, params) => {
      authorize(call, action, `${vaultIdOf(params)}/${plural}/${params.n}`);
      const vault = requireVault(call, params);
      return ok(body(vault, requireObject(call, vault, kind, params)));
    });
  }

  router.on("GET", `${VAULT}/keys/{n}/versions`, (call, params) => {
    authorize(call, "Microsoft.KeyVault/vaults/keys/versions/read", `${vaultIdOf(params)}/keys/${params.n}`);
    const vault = requireVault(call, params);
    const key = requireObject(call, vault, "key", params);
    const { value, ...rest } = page(call, key.versions, ({ version }) => version, readTop(call, 100, 1000));
    return ok({ value: value.map((version) => keyBody(vault, key, version)), ...rest });
  });

  router.on("GET", `${VAULT}/keys/{n}/versions/{version}`, (call, params) => {
    authorize(call, "Microsoft.KeyVault/vaults/keys/versions/read", `${vaultIdOf(params)}/keys/${params.n}`);
    const vault = requireVault(call, params);
    const key = requireObject(call, vault, "key", params);
    const version = key.versions.find((found) => found.version === params.version?.toLowerCase());
    if (!version) throw resourceNotFound(`Microsoft.KeyVault/vaults/keys/versions/${params.version}`, params.g ?? "");
    return ok(keyBody(vault, key, version));
  });
}

function requireObject(call: Call, vault: Vault, kind: ObjectKind, params: Record<string, string>): VaultObject {
  const found = call.model.objects.get(`${vault.id}/${kind}s/${params.n}`);
  if (!found || found.deletedAt !== undefined) {
    throw resourceNotFound(`Microsoft.KeyVault/vaults/${kind}s/${params.v}/${params.n}`, params.g ?? "");
  }
  return found;
}

const byVault = new WeakMap<Collection<VaultObject>, { version: number; objects: Map<string, VaultObject[]> }>();

/** The vault's objects of a kind that are not deleted. Grouped once per state: a fleet is listed vault by vault. */
function liveObjects(call: Call, vault: Vault, kind: ObjectKind): VaultObject[] {
  const collection = call.model.objects;
  let index = byVault.get(collection);
  if (index?.version !== collection.version) {
    index = { version: collection.version, objects: new Map() };
    for (const object of collection.values()) {
      const key = object.vaultId.toLowerCase();
      const group = index.objects.get(key);
      if (group) group.push(object);
      else index.objects.set(key, [object]);
    }
    byVault.set(collection, index);
  }
  const objects = index.objects.get(vault.id.toLowerCase()) ?? [];
  return objects.filter((object) => object.kind === kind && object.deletedAt === undefined);
}

function attributes(version: ObjectVersion) {
  const seconds = (at: number) => Math.floor(at / 1000);
  return {
    enabled: version.enabled,
    created: seconds(version.created),
    updated: seconds(version.updated),
    ...(version.notBefore === undefined ? {} : { nbf: seconds(version.notBefore) }),
    ...(version.expires === undefined ? {} : { exp: seconds(version.expires) }),
  };
}

function secretBody(vault: Vault, secret: VaultObject) {
  const latest = secret.versions.at(-1);
  const uri = `${vaultOrigin(vault)}/secrets/${secret.name}`;
  return {
    id: `${vault.id}/secrets/${secret.name}`,
    name: secret.name,
    type: "Microsoft.KeyVault/vaults/secrets",
    location: vault.location,
    tags: latest?.tags ?? {},
    properties: {
      ...(latest ? { attributes: attributes(latest), secretUriWithVersion: `${uri}/${latest.version}` } : {}),
      ...(latest?.contentType === undefined ? {} : { contentType: latest.contentType }),
      secretUri: uri,
    },
  };
}

/** A key as ARM answers it; with a version, that version as its own resource. */
export function keyBody(vault: Vault, key: VaultObject, version?: ObjectVersion) {
  const shown = version ?? key.versions.at(-1);
  const uri = `${vaultOrigin(vault)}/keys/${key.name}`;
  const id = `${vault.id}/keys/${key.name}`;
  const modulus = shown?.jwk?.n;
  return {
    id: version ? `${id}/versions/${version.version}` : id,
    name: version ? version.version : key.name,
    type: version ? "Microsoft.KeyVault/vaults/keys/versions" : "Microsoft.KeyVault/vaults/keys",
    location: vault.location,
    tags: shown?.tags ?? {},
    properties: {
      ...(shown
        ? {
            attributes: { ...attributes(shown), exportable: false, recoveryLevel: recoveryLevel(vault) },
            keyUriWithVersion: `${uri}/${shown.version}`,
          }
        : {}),
      ...(shown?.jwk ? { kty: shown.jwk.kty, keyOps: shown.jwk.key_ops } : {}),
      ...(modulus === undefined ? {} : { keySize: Buffer.from(modulus, "base64url").length * 8 }),
      ...(shown?.jwk?.crv === undefined ? {} : { curveName: shown.jwk.crv }),
      keyUri: uri,
    },
  };
}

function recoveryLevel(vault: Vault): string {
  return vault.enablePurgeProtection ? "Recoverable" : "Recoverable+Purgeable";
}
