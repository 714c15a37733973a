import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { PolicyObjection } from "../facts.pure";
import { objectionsBy } from "./objections";
import { parsePolicyRows } from "./policy-rows";

const NOW = new Date("2026-11-22T10:00:00Z");
const AUTHORIZATION = "/providers/Microsoft.Authorization";
const SUBSCRIPTION = "/subscriptions/00000000-0000-4000-8000-000000000001";
const GROUP = "/providers/Microsoft.Management/managementGroups";
const place = {
  id: `${SUBSCRIPTION}/resourcegroups/rg-pay/providers/microsoft.keyvault/vaults/kv-a`,
  location: "westeurope",
  groups: ["payments", "root"],
};

const SECRETS = "Microsoft.KeyVault.Data/vaults/secrets";
const KEYS = "Microsoft.KeyVault.Data/vaults/keys";
const EFFECT = { effect: { type: "String", allowedValues: ["Audit", "Deny", "Disabled"], defaultValue: "Audit" } };

/** Conditions in the form of the built-in policies for Key Vault's data plane. */
const RULES = {
  expiry: {
    allOf: [
      { field: "type", equals: SECRETS },
      { field: `${SECRETS}/attributes.expiresOn`, exists: false },
    ],
  },
  contentType: {
    allOf: [
      { field: "type", equals: SECRETS },
      { field: `${SECRETS}/contentType`, exists: false },
    ],
  },
  keySize: {
    allOf: [
      { field: "type", equals: KEYS },
      { field: `${KEYS}/keyType`, in: ["RSA", "RSA-HSM"] },
      { field: `${KEYS}/keySize`, less: "[parameters('minimum')]" },
    ],
  },
  keyType: {
    allOf: [
      { field: "type", equals: KEYS },
      { field: `${KEYS}/keyType`, notIn: "[parameters('allowed')]" },
    ],
  },
  curve: {
    allOf: [
      { field: "type", equals: KEYS },
      { field: `${KEYS}/keyType`, in: ["EC", "EC-HSM"] },
      { field: `${KEYS}/ellipticCurveName`, notIn: ["P-384"] },
    ],
  },
  validity: {
    allOf: [
      { field: "type", equals: SECRETS },
      {
        anyOf: [
          { field: `${SECRETS}/attributes.expiresOn`, exists: false },
          {
            field: `${SECRETS}/attributes.expiresOn`,
            greater: `[addDays(field('${SECRETS}/attributes.createdOn'), parameters('days'))]`,
          },
        ],
      },
    ],
  },
  name: {
    allOf: [
      { field: "type", equals: SECRETS },
      { field: `${SECRETS}/objectName`, notLike: "app-*" },
    ],
  },
  arm: { field: "type", in: ["Microsoft.KeyVault/vaults/keys", "Microsoft.KeyVault/vaults/secrets"] },
} as const;

/** Put together from pairs, since an object written with `then` could be taken for a promise. */
const OUTCOME = "then";
const ruleOf = (condition: unknown, effect: string) =>
  Object.fromEntries([
    ["if", condition],
    [OUTCOME, { effect }],
  ]);

const definitionId = (name: string) => `${AUTHORIZATION}/policyDefinitions/${name}`;

function definition(name: keyof typeof RULES, more: Record<string, unknown> = {}) {
  return {
    id: definitionId(name),
    type: "microsoft.authorization/policydefinitions",
    properties: {
      displayName: `Policy of ${name}`,
      mode: name === "arm" ? "All" : "Microsoft.KeyVault.Data",
      parameters: {
        ...EFFECT,
        minimum: { type: "Integer" },
        allowed: { type: "Array", defaultValue: ["EC"] },
        days: { type: "Integer" },
      },
      policyRule: ruleOf(RULES[name], "[parameters('effect')]"),
      ...more,
    },
  };
}

function assignment(target: string, more: Record<string, unknown> = {}, scope: string = SUBSCRIPTION) {
  return {
    id: `${scope}${AUTHORIZATION}/policyAssignments/a`,
    type: "microsoft.authorization/policyassignments",
    properties: {
      displayName: "As assigned",
      scope,
      policyDefinitionId: target,
      parameters: { effect: { value: "Deny" } },
      ...more,
    },
  };
}

function exemption(scope: string, more: Record<string, unknown> = {}) {
  return {
    id: `${scope}${AUTHORIZATION}/policyExemptions/e`,
    type: "microsoft.authorization/policyexemptions",
    properties: { policyAssignmentId: `${SUBSCRIPTION}${AUTHORIZATION}/policyAssignments/a`, ...more },
  };
}

const against = (...rows: z.input<typeof Rows>): PolicyObjection[] =>
  objectionsBy(parsePolicyRows(Rows.parse(rows)), NOW)(place);
const Rows = z.array(z.looseObject({ id: z.string(), type: z.string() }));
const denied = (...rows: z.input<typeof Rows>) => against(...rows).map(({ kind, verdict }) => `${kind} ${verdict}`);

describe("a rule that denies", () => {
  const values = (own: Record<string, unknown>) => ({
    parameters: Object.fromEntries(
      Object.entries({ effect: "Deny", ...own }).map(([name, value]) => [name, { value }]),
    ),
  });

  test.each<[keyof typeof RULES, Record<string, unknown>, string[]]>([
    ["expiry", {}, ["secret denies"]],
    ["contentType", {}, ["secret denies"]],
    ["keySize", { minimum: 3072 }, ["key denies"]],
    ["keySize", { minimum: 2048 }, []],
    ["keySize", {}, ["key may"]],
    ["keyType", {}, ["key denies"]],
    ["keyType", { allowed: ["rsa", "EC"] }, []],
    ["curve", {}, []],
    ["validity", { days: 90 }, ["secret denies"]],
    ["name", {}, ["secret may"]],
    ["arm", {}, ["secret denies", "key denies"]],
    ["expiry", { effect: "Audit" }, []],
    ["expiry", { effect: "disabled" }, []],
  ])("by %s with %j", (name, parameters, expected) => {
    expect(denied(definition(name), assignment(definitionId(name), values(parameters)))).toEqual(expected);
  });

  test("says what it looks at, by the name that people know", () => {
    expect(against(definition("expiry"), assignment(definitionId("expiry")))).toEqual([
      { policy: "As assigned", kind: "secret", api: "data", verdict: "denies", about: ["an expiry date"] },
    ]);
    expect(against(definition("arm"), assignment(definitionId("arm")))[0]).toMatchObject({ api: "arm" });
  });

  test("takes the definition's own effect where the assignment names none, and counts an effect that is unknown", () => {
    const bare = assignment(definitionId("expiry"), { parameters: {} });
    expect(denied(definition("expiry"), bare)).toEqual([]);
    const fixed = { policyRule: ruleOf(RULES.expiry, "deny") };
    expect(denied(definition("expiry", fixed), bare)).toEqual(["secret denies"]);
    const odd = { policyRule: ruleOf(RULES.expiry, "[concat('de','ny')]") };
    expect(denied(definition("expiry", odd), bare)).toEqual(["secret may"]);
  });
});

describe("an assignment", () => {
  const expiry = definition("expiry");
  const target = definitionId("expiry");

  test.each([
    ["on the vault's subscription", SUBSCRIPTION, 1],
    ["on its group, in other letters", `${SUBSCRIPTION}/resourceGroups/RG-PAY`, 1],
    ["on a group whose name begins alike", `${SUBSCRIPTION}/resourceGroups/rg`, 0],
    ["on another subscription", "/subscriptions/00000000-0000-4000-8000-000000000002", 0],
    ["on a management group above", `${GROUP}/Payments`, 1],
    ["on another management group", `${GROUP}/retail`, 0],
  ])("%s", (_, scope, count) => {
    expect(against(expiry, assignment(target, {}, scope))).toHaveLength(count);
  });

  test("on a management group counts where it is not known which stand above", () => {
    const rows = parsePolicyRows(Rows.parse([expiry, assignment(target, {}, `${GROUP}/retail`)]));
    expect(objectionsBy(rows, NOW)({ ...place, groups: undefined })).toHaveLength(1);
  });

  test.each<[string, Record<string, unknown>, number]>([
    ["leaves the vault's group out", { notScopes: [`${SUBSCRIPTION}/resourcegroups/rg-pay`] }, 0],
    ["leaves another out", { notScopes: [`${SUBSCRIPTION}/resourcegroups/rg`] }, 1],
    ["is not enforced", { enforcementMode: "DoNotEnforce" }, 0],
    [
      "is for another region",
      { resourceSelectors: [{ selectors: [{ kind: "resourceLocation", in: ["EastUS"] }] }] },
      0,
    ],
    [
      "is for this region",
      { resourceSelectors: [{ selectors: [{ kind: "resourceLocation", in: ["WestEurope"] }] }] },
      1,
    ],
    [
      "is for all but this",
      { resourceSelectors: [{ selectors: [{ kind: "resourceLocation", notIn: ["westeurope"] }] }] },
      0,
    ],
    [
      "is for something else that is told apart",
      { resourceSelectors: [{ selectors: [{ kind: "resourceType", in: ["x"] }] }] },
      1,
    ],
    ["has its effect overridden", { overrides: [{ kind: "policyEffect", value: "Audit", selectors: [] }] }, 0],
  ])("that %s", (_, more, count) => {
    expect(against(expiry, assignment(target, more))).toHaveLength(count);
  });
});

describe("an exemption", () => {
  const rows = [definition("expiry"), assignment(definitionId("expiry"))];
  test.each<[string, ReturnType<typeof exemption>, number]>([
    ["of the vault", exemption(place.id), 0],
    ["of another vault", exemption(`${place.id}b`), 1],
    ["of the subscription until later", exemption(SUBSCRIPTION, { expiresOn: "2027-01-01T00:00:00Z" }), 0],
    ["that is over", exemption(SUBSCRIPTION, { expiresOn: "2026-01-01T00:00:00Z" }), 1],
    ["with an end that says nothing", exemption(SUBSCRIPTION, { expiresOn: "soon" }), 1],
    ["of a member by name", exemption(SUBSCRIPTION, { policyDefinitionReferenceIds: ["other"] }), 1],
  ])("%s", (_, one, count) => {
    expect(against(...rows, one)).toHaveLength(count);
  });
});

describe("an initiative", () => {
  const initiative = {
    id: `${AUTHORIZATION}/policySetDefinitions/baseline`,
    type: "microsoft.authorization/policysetdefinitions",
    properties: {
      parameters: { secretEffect: { type: "String", defaultValue: "Deny" }, size: { type: "Integer" } },
      policyDefinitions: [
        {
          policyDefinitionReferenceId: "SecretExpiry",
          policyDefinitionId: definitionId("expiry"),
          parameters: { effect: { value: "[parameters('secretEffect')]" } },
        },
        {
          policyDefinitionReferenceId: "KeySize",
          policyDefinitionId: definitionId("keySize"),
          parameters: { effect: { value: "Deny" }, minimum: { value: "[parameters('size')]" } },
        },
        { policyDefinitionReferenceId: "Else", policyDefinitionId: definitionId("of something else"), parameters: {} },
      ],
    },
  };
  const rows = [initiative, definition("expiry"), definition("keySize")];
  const assigned = (more: Record<string, unknown> = {}) =>
    assignment(initiative.id, { parameters: { size: { value: 4096 } }, ...more });

  test("hands the values of its assignment down to its members", () => {
    expect(denied(...rows, assigned())).toEqual(["secret denies", "key denies"]);
    expect(denied(...rows, assigned({ parameters: { secretEffect: { value: "Audit" } } }))).toEqual(["key may"]);
  });

  test("has one member's effect overridden, or one member exempted", () => {
    const selectors = [{ kind: "policyDefinitionReferenceId", in: ["secretexpiry"] }];
    const overrides = [{ kind: "policyEffect", value: "Disabled", selectors }];
    expect(denied(...rows, assigned({ overrides }))).toEqual(["key denies"]);
    const one = exemption(place.id, { policyDefinitionReferenceIds: ["keySize"] });
    expect(denied(...rows, assigned(), one)).toEqual(["secret denies"]);
  });
});

test("a policy of a form that is not understood makes the answer fail, not shorter", () => {
  const odd = { id: "x", type: "microsoft.authorization/policyassignments", properties: { scope: 5 } };
  expect(() => against(odd)).toThrow("not understood");
});
