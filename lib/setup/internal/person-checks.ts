import "server-only";
import { listAppRoleHolders, listServicePrincipals } from "@/lib/azure/directory";
import type { Config } from "@/lib/config";
import type { UserContext } from "@/lib/context";
import { AppError } from "@/lib/errors";
import type { Check } from "../checks.pure";
import { check, type Found, right, warning, wrong } from "./check";

/** That the product may act for the person who asks: the API's credential, and consent for each service. */
export function personChecks(ctx: UserContext): Promise<Check[]> {
  const { asUser, user } = ctx;
  const { arm, vaultScope, logsScope } = asUser.cloud;
  const services = [
    { id: "arm", name: "Azure Resource Manager", scope: `${arm}/.default` },
    { id: "vault", name: "Azure Key Vault", scope: vaultScope },
    { id: "logs", name: "Log Analytics", scope: logsScope },
  ];
  return Promise.all([
    ...services.map(({ id, name, scope }) =>
      check(ctx, "sign_in", `consent-${id}`, `It may act for people at ${name}`, async () => {
        await asUser.credential.getToken(scope);
        return right(`Entra ID gave it a token for ${user.name}.`);
      }),
    ),
    check(ctx, "sign_in", "app-roles", "Analysts and administrators have their app roles", () => appRoles(ctx)),
  ]);
}

/** Roles without which a part of the product is closed to everybody. */
const NEEDED = ["Soc.Analyst", "Platform.Admin"] as const;

/** Who holds the app roles of the API registration, as far as the person may see that. */
async function appRoles({ asUser, user, config }: UserContext): Promise<Found> {
  const own = `Your own token carries ${user.roles.join(" and ") || "no role"}.`;
  const link = { href: enterpriseApp(config), text: "Open the users and groups of the API in Entra ID" };
  try {
    const [principal] = await listServicePrincipals(asUser, [config.auth.apiClientId]);
    if (!principal) return wrong("The API registration has no enterprise application here.", "Grant consent to it.");
    const roles = new Map(principal.appRoles?.map(({ id, value, isEnabled }) => [isEnabled ? value : undefined, id]));
    const absent = NEEDED.filter((role) => !roles.has(role));
    const make = { link: { href: registrationPage(config), text: "Open the API registration in Entra ID" } };
    if (absent.length > 0) return wrong(`It has no app role ${absent.join(", ")}. ${own}`, "Add the role to it.", make);
    const holders = await listAppRoleHolders(asUser, principal.id);
    const held = NEEDED.map((role) => ({ role, by: holders.filter((one) => one.appRoleId === roles.get(role)) }));
    const said = held.map(({ role, by }) => `${role}: ${by.length}`).join(", ");
    const nobody = held.filter(({ by }) => by.length === 0).map(({ role }) => role);
    if (nobody.length === 0) return right(`People and groups that hold them: ${said}. ${own}`);
    return warning(`Nobody holds ${nobody.join(", ")} (${said}). ${own}`, "Assign people or a group to it.", { link });
  } catch (error) {
    if (!(error instanceof AppError) || error.failure.code !== "forbidden") throw error;
    const { message, fix = "" } = error.failure;
    return warning(`${own} Who else has a role could not be read: ${message}`, `Only to see them here: ${fix}`, {
      link,
    });
  }
}

function enterpriseApp({ cloud, auth }: Config): string {
  return `${cloud.entraPortal}/#view/Microsoft_AAD_IAM/ManagedAppMenuBlade/~/Users/appId/${auth.apiClientId}`;
}

function registrationPage({ cloud, auth }: Config): string {
  return `${cloud.entraPortal}/#view/Microsoft_AAD_RegisteredApps/ApplicationMenuBlade/~/AppRoles/appId/${auth.apiClientId}`;
}
