import "server-only";
import { listRegistrations, listServicePrincipals } from "@/lib/azure/directory";
import { SERVICE_IDENTITIES } from "@/lib/config";
import type { UserContext } from "@/lib/context";
import { type Source, traceOf } from "./trace";

const MEMBERS = "Every member of the directory, unless the tenant restricts that; guests may not.";

/** The two app registrations. */
const registrations: Source = {
  what: "App registrations",
  async read({ asUser, config }) {
    const found = await listRegistrations(asUser, [config.auth.apiClientId, config.auth.spaClientId]);
    return found.map(({ appId, displayName, description, notes }) =>
      traceOf({
        kind: "application",
        name: displayName ?? appId,
        where: `App registration ${appId}`,
        readers: MEMBERS,
        texts: [description, notes],
        instead: "Rename it in Entra ID after what it looks like: a console for vaults.",
        link: {
          href: `${config.cloud.entraPortal}/#view/Microsoft_AAD_RegisteredApps/ApplicationMenuBlade/~/Branding/appId/${appId}`,
          text: "Open it in Entra ID",
        },
      }),
    );
  },
};

/** What stands for them and for the managed identities. */
const principals: Source = {
  what: "Service principals",
  async read({ asUser, config }) {
    const found = await listServicePrincipals(asUser, clientIds(config));
    return found.map(({ appId, displayName, servicePrincipalType }) => {
      const managed = servicePrincipalType === "ManagedIdentity";
      return traceOf({
        kind: managed ? "identity" : "application",
        name: displayName ?? appId,
        where: `${managed ? "Managed identity" : "Enterprise application"} ${appId}`,
        readers: managed ? `${MEMBERS} Its resource shows to every Reader of its group.` : MEMBERS,
        instead: managed
          ? "An identity keeps its name: make another with a dull one, and set its ids in the configuration."
          : "Rename it in Entra ID.",
      });
    });
  },
};

function clientIds({ auth, identities }: UserContext["config"]): string[] {
  return [auth.apiClientId, auth.spaClientId, ...SERVICE_IDENTITIES.map((name) => identities[name].clientId)];
}

export const directoryTraces: readonly Source[] = [registrations, principals];
