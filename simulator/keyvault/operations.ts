import type { ObjectKind } from "../model";
import { getCertificate, getCertificatePolicy, listCertificates, listCertificateVersions } from "./certificates";
import { importKey } from "./key-import";
import { useKey } from "./key-operations";
import { createKey, getKey, rotateKey, updateKey } from "./keys";
import {
  backupObject,
  deleteObject,
  getDeleted,
  listDeleted,
  listObjects,
  listVersions,
  purgeDeleted,
  recoverDeleted,
  restoreObject,
} from "./object-operations";
import { getRotationPolicy, setRotationPolicy } from "./rotation-policy";
import { getSecret, setSecret, updateSecret } from "./secrets";
import type { Answer, VaultCall } from "./vault-call";

/** Which of the vault's request budgets a call is taken from; importing a key shares one with setting secrets. */
export type Budget = "secretCreate" | "keyCreate" | "other";

/** One operation of the data plane: where it is, what the log calls it, which right it needs, what it does. */
export interface Operation {
  method: string;
  /** `{name}` is validated as an object name, `{version}` as a version id. */
  pattern: string;
  /** Name in the audit log. */
  name: string;
  dataAction: string;
  /** The same right as an access policy names it: `secrets get`. */
  permission: string;
  /** The data action that stands for `permission` where `dataAction` would stand for another one. */
  policyDataAction?: string;
  collection: "secrets" | "keys" | "certificates";
  budget: Budget;
  run(call: VaultCall, name: string, version: string | undefined): Answer;
}

type Run = Operation["run"];

function operation(
  collection: Operation["collection"],
  route: string,
  name: string,
  action: string,
  permission: string,
  run: Run,
  budget: Budget = "other",
): Operation {
  const [method = "", pattern = ""] = route.split(" ");
  const dataAction = `Microsoft.KeyVault/vaults/${action}`;
  return { method, pattern, name, dataAction, permission: `${collection} ${permission}`, collection, budget, run };
}

/** Operations that secrets and keys share. `read` is the data action for metadata, `prefix` begins the names in the log. */
function shared(kind: ObjectKind, prefix: string, read: string): Operation[] {
  const c = kind === "secret" ? "secrets" : "keys";
  const d = `deleted${c}`;
  const get = (call: VaultCall, name: string, version: string | undefined) =>
    kind === "secret" ? getSecret(call, name, version) : getKey(call, name, version);
  const update = (call: VaultCall, name: string, version: string | undefined) =>
    kind === "secret" ? updateSecret(call, name, version) : updateKey(call, name, version);
  const getAction = kind === "secret" ? "secrets/getSecret/action" : read;
  return [
    operation(c, `GET /${c}/{name}`, `${prefix}Get`, getAction, "get", get),
    operation(c, `GET /${c}/{name}/{version}`, `${prefix}Get`, getAction, "get", get),
    operation(c, `GET /${c}`, `${prefix}List`, read, "list", (call) => listObjects(call, kind)),
    operation(c, `GET /${c}/{name}/versions`, `${prefix}ListVersions`, read, "list", (call, n) =>
      listVersions(call, kind, n),
    ),
    operation(c, `PATCH /${c}/{name}`, `${prefix}Update`, `${c}/update/action`, updateName(kind), update),
    operation(c, `PATCH /${c}/{name}/{version}`, `${prefix}Update`, `${c}/update/action`, updateName(kind), update),
    operation(c, `DELETE /${c}/{name}`, `${prefix}Delete`, `${c}/delete`, "delete", (call, n) =>
      deleteObject(call, kind, n),
    ),
    operation(c, `GET /${d}`, `${prefix}ListDeleted`, read, "list", (call) => listDeleted(call, kind)),
    {
      ...operation(c, `GET /${d}/{name}`, `${prefix}GetDeleted`, read, "get", (call, n) => getDeleted(call, kind, n)),
      policyDataAction: `Microsoft.KeyVault/vaults/${getAction}`,
    },
    operation(c, `POST /${d}/{name}/recover`, `${prefix}Recover`, `${c}/recover/action`, "recover", (call, n) =>
      recoverDeleted(call, kind, n),
    ),
    operation(c, `DELETE /${d}/{name}`, `${prefix}Purge`, `${c}/purge/action`, "purge", (call, n) =>
      purgeDeleted(call, kind, n),
    ),
    operation(c, `POST /${c}/{name}/backup`, `${prefix}Backup`, `${c}/backup/action`, "backup", (call, n) =>
      backupObject(call, kind, n),
    ),
    operation(c, `POST /${c}/restore`, `${prefix}Restore`, `${c}/restore/action`, "restore", (call) =>
      restoreObject(call, kind),
    ),
  ];
}

/** Access policies of secrets know no "update": changing attributes needs "set". */
function updateName(kind: ObjectKind): string {
  return kind === "secret" ? "set" : "update";
}

const SECRETS: Operation[] = [
  ...shared("secret", "Secret", "secrets/readMetadata/action"),
  operation(
    "secrets",
    "PUT /secrets/{name}",
    "SecretSet",
    "secrets/setSecret/action",
    "set",
    setSecret,
    "secretCreate",
  ),
];

function cryptographic(verb: string, name: string, action: string, run: Parameters<typeof useKey>[3]): Operation[] {
  const use: Run = (call, keyName, version) => useKey(call, keyName, version, run);
  return [
    operation("keys", `POST /keys/{name}/${verb}`, name, `keys/${action}/action`, run, use),
    operation("keys", `POST /keys/{name}/{version}/${verb}`, name, `keys/${action}/action`, run, use),
  ];
}

const KEYS: Operation[] = [
  ...shared("key", "Key", "keys/read"),
  operation("keys", "POST /keys/{name}/create", "KeyCreate", "keys/create/action", "create", createKey, "keyCreate"),
  operation("keys", "PUT /keys/{name}", "KeyImport", "keys/import/action", "import", importKey, "secretCreate"),
  operation("keys", "POST /keys/{name}/rotate", "KeyRotate", "keys/rotate/action", "rotate", rotateKey, "keyCreate"),
  operation(
    "keys",
    "GET /keys/{name}/rotationpolicy",
    "KeyRotationPolicyGet",
    "keyrotationpolicies/read",
    "getrotationpolicy",
    getRotationPolicy,
  ),
  operation(
    "keys",
    "PUT /keys/{name}/rotationpolicy",
    "KeyRotationPolicySet",
    "keyrotationpolicies/write",
    "setrotationpolicy",
    setRotationPolicy,
  ),
  ...cryptographic("sign", "KeySign", "sign", "sign"),
  ...cryptographic("verify", "KeyVerify", "verify", "verify"),
  ...cryptographic("encrypt", "KeyEncrypt", "encrypt", "encrypt"),
  ...cryptographic("decrypt", "KeyDecrypt", "decrypt", "decrypt"),
  ...cryptographic("wrapkey", "KeyWrap", "wrap", "wrapKey"),
  ...cryptographic("unwrapkey", "KeyUnwrap", "unwrap", "unwrapKey"),
];

const CERTIFICATES: Operation[] = [
  operation("certificates", "GET /certificates", "CertificateList", "certificates/read", "list", listCertificates),
  operation(
    "certificates",
    "GET /certificates/{name}/versions",
    "CertificateListVersions",
    "certificates/read",
    "list",
    listCertificateVersions,
  ),
  operation("certificates", "GET /certificates/{name}", "CertificateGet", "certificates/read", "get", getCertificate),
  operation(
    "certificates",
    "GET /certificates/{name}/{version}",
    "CertificateGet",
    "certificates/read",
    "get",
    getCertificate,
  ),
  operation(
    "certificates",
    "GET /certificates/{name}/policy",
    "CertificatePolicyGet",
    "certificates/read",
    "get",
    getCertificatePolicy,
  ),
];

/** Everything that the simulated data plane offers. */
export const OPERATIONS: readonly Operation[] = [...SECRETS, ...KEYS, ...CERTIFICATES];
