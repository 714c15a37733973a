import type { Context } from "../context";
import { AUDIENCES } from "../entra/scopes";
import { ACCESS_TOKEN_SECONDS, signAppToken, signPersonToken } from "../entra/token";
import type { Principal, Vault } from "../model";
import { sharedIdentity, teamPrincipals } from "../world/principals";
import { planOf } from "../world/world";

/**
 * Who acts in a play, all of them known to the directory: the stolen token of the team's application, the stolen
 * account of the person who looks after the vault, the stolen identity of the backup, another company's application.
 */
export type ActorName = "workload" | "person" | "backup" | "outsider";

/** An actor on the stage of one vault: whose token it holds, and how it shows in the log. */
export interface Actor {
  principal: Principal;
  /** Public address in a range for documentation (RFC 5737) that nothing else of the tenant uses. */
  address: string;
  userAgent: string;
}

/** The client id of the Azure CLI, which a person's stolen refresh token is most useful for. */
const AZURE_CLI = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";

const ADDRESSES: Record<ActorName, string> = {
  workload: "192.0.2.71",
  person: "192.0.2.118",
  backup: "192.0.2.33",
  outsider: "192.0.2.204",
};

/** The principal behind a role of the play on that vault; undefined for a vault that no team of the world looks after. */
export function actorOf(context: Context, vault: Vault, name: ActorName, userAgent: string): Actor | undefined {
  const principal = principalOf(context, vault, name);
  return principal && { principal, address: ADDRESSES[name], userAgent };
}

function principalOf(context: Context, vault: Vault, name: ActorName): Principal | undefined {
  if (name === "backup") return sharedIdentity(context, "backup");
  if (name === "outsider") return sharedIdentity(context, "vendor");
  const group = planOf(context).groups.find(({ id }) => vault.id.toLowerCase().startsWith(`${id.toLowerCase()}/`));
  if (!group) return undefined;
  const { workload, contact } = teamPrincipals(context, group.team);
  return name === "workload" ? workload : contact;
}

/** A token of that identity for one of the two services, as its thief would have it. */
export function tokenOf(context: Context, { principal }: Actor, service: "keyvault" | "arm"): Promise<string> {
  const audience = service === "arm" ? AUDIENCES.arm : AUDIENCES.vault;
  if (principal.kind === "ServicePrincipal") return signAppToken(context, principal, audience, ACCESS_TOKEN_SECONDS);
  return signPersonToken(context, principal, {
    clientId: AZURE_CLI,
    confidential: false,
    audience,
    scopes: ["user_impersonation"],
    sid: "stolen",
    acrs: [],
  });
}
