import { hasAnyAccess, normaliseScope, scopeCovers, scopesWith } from "../access";
import { authorizationFailed } from "../arm/errors";
import { inheritedBy } from "../arm/filter";
import { iso, ok, page } from "../arm/respond";
import { authorize } from "../arm/scope";
import type { Call, Context } from "../context";
import { AzureError, type Router } from "../http";
import { Random } from "../world/random";
import { requireAssessment } from "./assessments";
import { type Machine, worldMachines } from "./machines";
import { VULNERABILITIES } from "./metadata";
import { requireSecurityScope } from "./scope";

const READ = "Microsoft.Security/assessments/subAssessments/read";
const PROVIDER = "/{scope*}/providers/Microsoft.Security";
const OF_ONE = `${PROVIDER}/assessments/{a}/subAssessments`;
const DAY = 86_400_000;

/**
 * Findings below an assessment. Since exposed secrets became recommendations of their own, what is left of this API in
 * the simulated tenant are the vulnerabilities of machines.
 */
export function routeSubAssessments(router: Router<Call>): void {
  router.on("GET", `${PROVIDER}/subAssessments`, (call, params) => {
    const scope = params.scope ?? "";
    if (!hasAnyAccess(call, call.caller, scope)) throw authorizationFailed(call, READ, scope);
    const readable = inheritedBy(scopesWith(call, call.caller, READ));
    const found = findingsAt(call, requireSecurityScope(call, scope)).filter(({ id }) => readable(id));
    return ok(page(call, found, ({ id }) => id, 500));
  });

  router.on("GET", OF_ONE, (call, params) => {
    authorize(call, READ, params.scope ?? "");
    const at = requireSecurityScope(call, params.scope ?? "");
    const found = findingsAt(call, at).filter(({ id }) => isOf(id, params.a ?? ""));
    return ok(page(call, found, ({ id }) => id, 500));
  });

  router.on("GET", `${OF_ONE}/{n}`, (call, params) => {
    authorize(call, READ, params.scope ?? "");
    const { resourceId, name } = requireAssessment(call, { scope: params.scope ?? "", a: params.a ?? "" });
    const found = findingsAt(call, resourceId).find(
      (one) => isOf(one.id, name) && one.name.toLowerCase() === params.n?.toLowerCase(),
    );
    if (!found) throw new AzureError(404, "NotFound", `The sub-assessment '${params.n}' was not found.`);
    return ok(found);
  });
}

function isOf(id: string, assessment: string): boolean {
  return id.toLowerCase().includes(`/assessments/${assessment.toLowerCase()}/`);
}

/** Published vulnerabilities that a machine may have. */
const CATALOGUE = [
  {
    cve: "CVE-2024-6387",
    title: "OpenSSH server signal handler race",
    base: 8.1,
    severity: "High",
    published: "2024-07-01T00:00:00Z",
    fix: "Upgrade openssh-server to 9.8p1 or a package with the fix.",
  },
  {
    cve: "CVE-2023-4911",
    title: "Buffer overflow in the dynamic loader of the GNU C Library",
    base: 7.8,
    severity: "High",
    published: "2023-10-03T00:00:00Z",
    fix: "Upgrade libc6 to a package with the fix.",
  },
  {
    cve: "CVE-2023-38545",
    title: "Heap overflow in the SOCKS5 handshake of curl",
    base: 9.8,
    severity: "Medium",
    published: "2023-10-18T00:00:00Z",
    fix: "Upgrade curl to 8.4.0 or later.",
  },
  {
    cve: "CVE-2024-0727",
    title: "OpenSSL crash while reading a PKCS12 file",
    base: 5.5,
    severity: "Low",
    published: "2024-01-26T00:00:00Z",
    fix: "Upgrade openssl to a package with the fix.",
  },
] as const;

/** The findings of the machines at or below a scope, as the API and Resource Graph show them. */
export function findingsAt(context: Context, scope: string) {
  const at = normaliseScope(scope);
  return worldMachines(context)
    .filter(({ id }) => scopeCovers(at, normaliseScope(id)))
    .flatMap((machine) => machineFindings(context, machine));
}

function machineFindings(context: Context, machine: Machine) {
  const random = new Random(`${context.settings.seed}/vulnerabilities/${machine.name}/${machine.resourceGroup}`);
  const timeGenerated = iso(context.identity.firstStart - random.int(1, 10) * DAY);
  return random
    .shuffle(CATALOGUE)
    .slice(0, random.int(1, CATALOGUE.length))
    .map(({ cve, title, base, severity, published, fix }) => {
      const name = random.guid();
      const link = `https://nvd.nist.gov/vuln/detail/${cve}`;
      return {
        id: `${machine.id}/providers/Microsoft.Security/assessments/${VULNERABILITIES.name}/subAssessments/${name}`,
        name,
        type: "Microsoft.Security/assessments/subAssessments",
        properties: {
          id: cve,
          displayName: title,
          status: { code: "Unhealthy", severity },
          remediation: fix,
          impact: title,
          category: "Linux",
          description: title,
          timeGenerated,
          resourceDetails: { source: "Azure", id: machine.id },
          additionalData: {
            assessedResourceType: "ServerVulnerability",
            type: "VirtualMachine",
            cvss: { "3.0": { base } },
            patchable: true,
            cve: [{ title: cve, link }],
            publishedTime: published,
            threat: title,
            vendorReferences: [{ title: cve, link }],
          },
        },
      };
    });
}
