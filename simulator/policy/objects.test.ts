import { beforeEach, describe, expect, test } from "vitest";
import { GROUP, RBAC_VAULT, VAULT } from "../arm/test-context";
import { policyRule } from "./json";
import {
  addTag,
  CORP,
  IS_VAULT,
  makePolicyTenant,
  type PolicyTenant,
  SUBSCRIPTION_SCOPE,
  WITH_IDENTITY,
} from "./testing/tenant";

const DEFINITIONS = `${SUBSCRIPTION_SCOPE}/providers/Microsoft.Authorization/policyDefinitions`;
const SETS = `${SUBSCRIPTION_SCOPE}/providers/Microsoft.Authorization/policySetDefinitions`;
const ASSIGNMENTS = `${SUBSCRIPTION_SCOPE}/providers/Microsoft.Authorization/policyAssignments`;
const RBAC_MODEL = "/providers/Microsoft.Authorization/policyDefinitions/12d4fa5e-1f9f-4c21-97a9-b99b3c6611b5";

let tenant: PolicyTenant;

beforeEach(() => {
  tenant = makePolicyTenant();
});

async function outcome(method: string, path: string, body?: unknown, as = tenant.owner): Promise<[number, string]> {
  const answer = await tenant.ask(method, path, body, as);
  return [answer.status, String(answer.body.error?.code ?? "")];
}

async function names(path: string): Promise<string[]> {
  const { body } = await tenant.ask("GET", path);
  return Object.values(body.value ?? {}).map(({ name }) => String(name));
}

describe("definitions", () => {
  test("are listed with those above and the built-in ones, by type, category and exact scope", async () => {
    await tenant.define("here", IS_VAULT, { effect: "audit" });
    await tenant.define("above", IS_VAULT, { effect: "audit" }, { scope: CORP });
    expect(await names(DEFINITIONS)).toEqual(
      expect.arrayContaining(["here", "above", "12d4fa5e-1f9f-4c21-97a9-b99b3c6611b5"]),
    );
    expect(await names(`${DEFINITIONS}?$filter=policyType eq 'Custom'`)).toEqual(["above", "here"]);
    expect(await names(`${DEFINITIONS}?$filter=atExactScope()`)).toEqual(["here"]);
    expect(await names(`${DEFINITIONS}?$filter=category eq 'Tags'`)).toHaveLength(2);
    const { body } = await tenant.ask("GET", `${DEFINITIONS}?$top=1`);
    expect(body.value).toHaveLength(1);
    expect(String(body.nextLink)).toContain("$skiptoken=".replace("$", "%24"));
  });

  test.each<[string, object, string]>([
    ["an unknown effect", { policyRule: policyRule(IS_VAULT, { effect: "explode" }) }, "InvalidPolicyRule"],
    [
      "an unknown alias",
      { policyRule: policyRule({ field: "Microsoft.KeyVault/vaults/x", exists: true }, { effect: "audit" }) },
      "InvalidPolicyAlias",
    ],
    [
      "an unused parameter",
      { parameters: { p: { type: "String" } }, policyRule: policyRule(IS_VAULT, { effect: "audit" }) },
      "UnusedPolicyParameters",
    ],
    [
      "an undefined parameter",
      { policyRule: policyRule({ field: "name", equals: "[parameters('p')]" }, { effect: "audit" }) },
      "InvalidPolicyParameters",
    ],
    [
      "a default that is not allowed",
      {
        parameters: { effect: { type: "String", allowedValues: ["Audit"], defaultValue: "audit" } },
        policyRule: policyRule(IS_VAULT, { effect: "[parameters('effect')]" }),
      },
      "PolicyParameterAllowedAndDefaultValuesMismatch",
    ],
    [
      "a mode of a provider",
      { mode: "Microsoft.KeyVault.Data", policyRule: policyRule(IS_VAULT, { effect: "audit" }) },
      "InvalidPolicyDefinitionMode",
    ],
    [
      "21 parameters",
      {
        parameters: Object.fromEntries(Array.from({ length: 21 }, (_, i) => [`p${i}`, { type: "String" }])),
        policyRule: policyRule(IS_VAULT, { effect: "audit" }),
      },
      "PolicyParameterCountExceeded",
    ],
    [
      "a long description",
      { description: "x".repeat(513), policyRule: policyRule(IS_VAULT, { effect: "audit" }) },
      "InvalidRequestContent",
    ],
    [
      "long metadata",
      { metadata: { note: "x".repeat(1025) }, policyRule: policyRule(IS_VAULT, { effect: "audit" }) },
      "InvalidPolicyMetadata",
    ],
    ["no rule", {}, "InvalidRequestContent"],
  ])("are refused with %s", async (_, properties, code) => {
    expect(await outcome("PUT", `${DEFINITIONS}/x`, { properties })).toEqual([400, code]);
  });

  test("odd bodies and names get an answer and never a fault", async () => {
    const deep = `{"properties":{"policyRule":${"[".repeat(50_000)}${"]".repeat(50_000)}}}`;
    expect(await outcome("PUT", `${DEFINITIONS}/x`, deep)).toEqual([400, "InvalidRequestContent"]);
    expect(await outcome("PUT", `${DEFINITIONS}/x`, "{")).toEqual([400, "InvalidRequestContent"]);
    expect(
      await outcome("PUT", `${DEFINITIONS}/x`, `{"properties":{"description":"${"x".repeat(1_100_000)}"}}`),
    ).toEqual([413, "RequestContentTooLarge"]);
    expect(await outcome("PUT", `${DEFINITIONS}/${"x".repeat(65)}`, {})).toEqual([400, "InvalidRequestContent"]);
    expect(await outcome("GET", `${DEFINITIONS}/__proto__`)).toEqual([404, "PolicyDefinitionNotFound"]);
    expect(await outcome("GET", `${GROUP}/providers/Microsoft.Authorization/policyDefinitions`)).toEqual([
      400,
      "InvalidScope",
    ]);
  });

  test("cannot be deleted while an assignment or initiative uses them, and are read only when built in", async () => {
    const id = await tenant.define("used", IS_VAULT, { effect: "audit" });
    await tenant.ask("PUT", `${SETS}/set`, { properties: { policyDefinitions: [{ policyDefinitionId: id }] } });
    const assignment = await tenant.apply("a", `${SETS}/set`);
    expect(await outcome("DELETE", id)).toEqual([400, "InvalidDeletePolicyDefinitionRequest"]);
    expect(await outcome("DELETE", `${SETS}/set`)).toEqual([400, "InvalidDeletePolicySetDefinitionRequest"]);
    for (const path of [assignment, `${SETS}/set`, id]) expect(await outcome("DELETE", path)).toEqual([200, ""]);
    expect(await outcome("DELETE", id)).toEqual([204, ""]);
    expect((await outcome("DELETE", RBAC_MODEL))[0]).toBe(405);
  });
});

describe("initiatives", () => {
  test("hand their parameters to their members, and check what they hand on", async () => {
    const definition = await tenant.define(
      "tagged",
      { allOf: [IS_VAULT, { field: "[concat('tags[', parameters('tag'), ']')]", exists: "false" }] },
      { effect: "[parameters('effect')]" },
      {
        parameters: {
          tag: { type: "String" },
          effect: { type: "String", allowedValues: ["audit", "disabled"], defaultValue: "audit" },
        },
      },
    );
    const member = (parameters: object) => ({
      policyDefinitions: [{ policyDefinitionId: definition, policyDefinitionReferenceId: "m", parameters }],
    });
    const put = (properties: object) => outcome("PUT", `${SETS}/set`, { properties });
    expect(await put(member({}))).toEqual([400, "MissingPolicyParameter"]);
    expect(await put(member({ tag: { value: "x" }, other: { value: 1 } }))).toEqual([400, "UndefinedPolicyParameter"]);
    expect(await put(member({ tag: { value: "x" }, effect: { value: "Audit" } }))).toEqual([
      400,
      "PolicyParameterValueNotAllowed",
    ]);
    expect(await put(member({ tag: { value: "[parameters('which')]" } }))).toEqual([400, "UndefinedPolicyParameter"]);
    expect(
      await put({
        ...member({ tag: { value: "[parameters('which')]" } }),
        parameters: { which: { type: "String", defaultValue: "owner" } },
      }),
    ).toEqual([201, ""]);
    expect(await put({ policyDefinitions: [{ policyDefinitionId: `${definition}-x` }] })).toEqual([
      404,
      "PolicyDefinitionNotFound",
    ]);
    await tenant.apply("set", `${SETS}/set`, { parameters: { which: { value: "team" } } });
    tenant.context.model.vaults.put(VAULT, { ...required(VAULT), tags: { team: "a" } });
    tenant.advance(tenant.context.settings.delays.policy);
    expect(await tenant.states("set")).toMatchObject({ "kv-one (m)": "Compliant", "kv-rbac (m)": "NonCompliant" });
  });

  function required(id: string) {
    const vault = tenant.context.model.vaults.get(id);
    if (!vault) throw new Error(`${id} is not there.`);
    return vault;
  }
});

describe("assignments", () => {
  test("with modify need an identity and a place, and the identity can be given roles", async () => {
    const id = await tenant.define("tag", IS_VAULT, { effect: "modify", details: addTag("a", "b") });
    const properties = { policyDefinitionId: id };
    expect(await outcome("PUT", `${ASSIGNMENTS}/tag`, { properties })).toEqual([400, "ResourceIdentityRequired"]);
    expect(await outcome("PUT", `${ASSIGNMENTS}/tag`, { identity: WITH_IDENTITY.identity, properties })).toEqual([
      400,
      "LocationRequired",
    ]);
    const { body } = await tenant.ask("PUT", `${ASSIGNMENTS}/tag`, { ...WITH_IDENTITY, properties });
    const oid = String(body.identity?.principalId);
    expect(tenant.context.model.principals.get(oid)?.kind).toBe("ServicePrincipal");
    // The same assignment again keeps its identity; without one, the principal goes.
    expect(
      (await tenant.ask("PUT", `${ASSIGNMENTS}/tag`, { ...WITH_IDENTITY, properties })).body.identity?.principalId,
    ).toBe(oid);
    await tenant.ask("DELETE", `${ASSIGNMENTS}/tag`);
    expect(tenant.context.model.principals.get(oid)).toBeUndefined();
  });

  test.each<[string, object, number, string]>([
    ["nothing at that id", { policyDefinitionId: `${DEFINITIONS}/none` }, 404, "PolicyDefinitionNotFound"],
    ["an initiative that is not there", { policyDefinitionId: `${SETS}/none` }, 404, "PolicySetDefinitionNotFound"],
    [
      "an unknown parameter",
      { policyDefinitionId: RBAC_MODEL, parameters: { x: { value: 1 } } },
      400,
      "UndefinedPolicyParameter",
    ],
    [
      "a value in another casing",
      { policyDefinitionId: RBAC_MODEL, parameters: { effect: { value: "audit" } } },
      400,
      "PolicyParameterValueNotAllowed",
    ],
    [
      "a value of another type",
      { policyDefinitionId: RBAC_MODEL, parameters: { effect: { value: 1 } } },
      400,
      "InvalidPolicyParameterType",
    ],
  ])("are refused with %s", async (_, properties, status, code) => {
    expect(await outcome("PUT", `${ASSIGNMENTS}/x`, { properties })).toEqual([status, code]);
  });

  test("a definition of a subscription cannot be assigned above it; names are short at management groups", async () => {
    const id = await tenant.define("here", IS_VAULT, { effect: "audit" });
    const at = `${CORP}/providers/Microsoft.Authorization/policyAssignments`;
    expect(await outcome("PUT", `${at}/a`, { properties: { policyDefinitionId: id } })).toEqual([
      404,
      "PolicyDefinitionNotFound",
    ]);
    expect(await outcome("PUT", `${at}/${"x".repeat(25)}`, { properties: { policyDefinitionId: RBAC_MODEL } })).toEqual(
      [400, "InvalidRequestContent"],
    );
  });

  test("are listed from above, and from below unless the filter says otherwise", async () => {
    await tenant.apply("above", RBAC_MODEL, {}, CORP);
    await tenant.apply("here", RBAC_MODEL);
    await tenant.apply("below", RBAC_MODEL, {}, GROUP);
    await tenant.apply("vault", RBAC_MODEL, {}, RBAC_VAULT);
    expect(await names(ASSIGNMENTS)).toEqual(["above", "here", "below", "vault"]);
    expect(await names(`${ASSIGNMENTS}?$filter=atScope()`)).toEqual(["above", "here"]);
    expect(await names(`${ASSIGNMENTS}?$filter=atExactScope()`)).toEqual(["here"]);
    expect(await names(`${ASSIGNMENTS}?$filter=policyDefinitionId eq '${DEFINITIONS}/none'`)).toEqual([]);
    expect(await outcome("GET", `${ASSIGNMENTS}?$filter=nothing()`)).toEqual([400, "InvalidFilterQueryParameter"]);
  });
});

describe("rights", () => {
  const writer = ["Microsoft.Authorization/policyAssignments/*", "Microsoft.Authorization/policyExemptions/*"];

  test("nobody learns anything without one", async () => {
    const nobody = tenant.person("nobody");
    for (const path of [`${DEFINITIONS}/x`, `${SETS}/x`, `${ASSIGNMENTS}/x`, CORP]) {
      expect(await outcome("GET", path, undefined, nobody)).toEqual([403, "AuthorizationFailed"]);
      expect((await outcome("PUT", path, {}, nobody))[0]).not.toBe(200);
    }
  });

  test("a role at a management group holds below it, and nowhere else", async () => {
    const somebody = tenant.personWith(writer, CORP);
    const properties = { policyDefinitionId: RBAC_MODEL };
    expect(await outcome("PUT", `${ASSIGNMENTS}/mine`, { properties }, somebody)).toEqual([201, ""]);
    const other =
      "/providers/Microsoft.Management/managementGroups/other/providers/Microsoft.Authorization/policyAssignments/x";
    expect(await outcome("PUT", other, { properties }, somebody)).toEqual([403, "AuthorizationFailed"]);
  });

  test("an exemption asks for a right on the assignment too", async () => {
    const policyAssignmentId = await tenant.apply("a", RBAC_MODEL, {}, CORP);
    const local = tenant.personWith(writer, GROUP);
    const id = `${GROUP}/providers/Microsoft.Authorization/policyExemptions/e`;
    const body = { properties: { policyAssignmentId, exemptionCategory: "Waiver" } };
    expect(await outcome("PUT", id, body, local)).toEqual([403, "AuthorizationFailed"]);
    expect(await outcome("PUT", id, body)).toEqual([201, ""]);
  });
});

describe("management groups", () => {
  test("are listed for those who may read them, and shown with what lies below and above", async () => {
    const root = tenant.context.identity.tenantId;
    const list = "/providers/Microsoft.Management/managementGroups";
    expect(await names(list)).toEqual([root, "corp", "other"]);
    const reader = tenant.personWith(["*/read"], CORP);
    expect(Object.values((await tenant.ask("GET", list, undefined, reader)).body.value ?? {})).toHaveLength(1);
    const tree = (await tenant.ask("GET", `${list}/${root}?$expand=children&$recurse=true`)).body.properties;
    expect(tree?.children).toMatchObject([
      { name: "corp", children: [{ type: "/subscriptions" }] },
      { name: "other" },
      { type: "/subscriptions" },
    ]);
    expect((await tenant.ask("GET", `${CORP}?$expand=ancestors`)).body.properties?.details).toMatchObject({
      managementGroupAncestorsChain: [{ name: root }],
    });
    expect(await names(`${list}/${root}/descendants`)).toHaveLength(4);
    expect(await names(`${CORP}/subscriptions`)).toHaveLength(1);
    expect(await outcome("GET", `${list}/none`)).toEqual([403, "AuthorizationFailed"]);
  });
});
