import type { Call } from "../context";
import type { ClientInfo } from "./documents";

/** The caller as the author of something. Applications have no address. */
export function clientInfo({ caller }: Call): ClientInfo {
  const { oid, upn, name, appId } = caller;
  return {
    objectId: oid,
    ...(upn === undefined ? {} : { email: upn }),
    name: name ?? appId,
    ...(upn === undefined ? {} : { userPrincipalName: upn }),
  };
}

/** The same in bookmarks' bodies, which name no principal. */
export function userOf({ objectId, email, name }: ClientInfo) {
  return { objectId, email: email ?? "", name };
}
