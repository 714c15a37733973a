import { describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { z } from "zod";
import { QUERY_LENGTH_MAX } from "@/lib/detection/expand";
import { type RuleParameters, UNFILLED } from "@/lib/detection/parameters";
import { ruleBodies } from "@/lib/detection/rule-export";
import { analyse } from "@/lib/detection/testing/parser";
import { armTemplate } from "./arm";
import { defenderDetections } from "./defender";
import { yamlDocuments } from "./yaml";

const PARAMETERS: RuleParameters = {
  ...UNFILLED,
  registrar: "aaaaaaaa-0000-4000-8000-00000000000a",
  workspace:
    "/subscriptions/11111111-2222-4333-8444-555555555555/resourcegroups/rg/providers/microsoft.operationalinsights/workspaces/law",
};
const rules = ruleBodies(PARAMETERS);

describe("the ARM template", () => {
  const template = armTemplate(rules, "law-sentinel");

  test("holds every rule under its id, with the workspace as its one parameter", () => {
    expect(template).toMatchObject({ parameters: { workspace: { type: "string", defaultValue: "law-sentinel" } } });
    expect(template.resources).toMatchObject(
      rules.map(({ name, kind, properties }) => ({
        name: `[concat(parameters('workspace'),'/Microsoft.SecurityInsights/${name}')]`,
        kind,
        properties: { query: properties.query, enabled: properties.enabled },
      })),
    );
  });

  test("no text of a rule is taken for an expression", () => {
    const [rule = expect.fail("no rule")] = rules;
    const bracketed = { ...rule, properties: { query: "[x]", tactics: ["[concat('a')]"] } };
    expect(armTemplate([bracketed], "law").resources).toMatchObject([
      { properties: { query: "[[x]", tactics: ["[[concat('a')]"] } },
    ]);
  });
});

describe("the YAML form", () => {
  const documents = parseAllDocuments(yamlDocuments(rules)).map((document): unknown => document.toJS());

  test("gives back every query letter by letter", () => {
    expect(documents).toMatchObject(
      rules.map(({ name, kind, properties }) => ({ id: name, kind, query: properties.query })),
    );
  });

  test("has what a rule of that kind needs, and no schedule where there is none", () => {
    const Kind = z.looseObject({ kind: z.string() });
    const kinds = documents.map((document) => ({ document, kind: Kind.parse(document).kind }));
    for (const { kind, document } of kinds) {
      expect(document).toMatchObject({
        version: "1.0.0",
        severity: expect.any(String),
        requiredDataConnectors: expect.anything(),
      });
      if (kind === "NRT") expect(document).not.toHaveProperty("queryFrequency");
      else
        expect(document).toMatchObject({ queryFrequency: expect.stringMatching(/^\d+[mhd]$/), triggerOperator: "gt" });
    }
    expect(documents).toContainEqual(expect.objectContaining({ queryFrequency: "1h", queryPeriod: "14d" }));
  });
});

describe("the Defender detections", () => {
  const detections = defenderDetections(PARAMETERS);

  test("are those that need no more than four hours, each hour, with one tactic", () => {
    expect(detections.map(({ displayName }) => displayName)).toEqual([
      "Honeytoken touched in a key vault",
      "Honeytoken watch tampered with",
    ]);
    expect(detections).toMatchObject([
      {
        status: "enabled",
        schedule: { frequency: "PT1H" },
        detectionAction: {
          alertTemplate: {
            severity: "high",
            tactics: [{ tactic: "CredentialAccess", techniques: [{ technique: "T1555" }] }],
            entityMappings: {
              azureResources: [{ resourceIdColumn: "VaultId" }],
              accounts: [{ aadUserIdColumn: "CallerOid", nameColumn: "AccountName", upnSuffixColumn: "AccountSuffix" }],
              ips: [{ addressColumn: "CallerIp" }],
              cloudApplications: [{ appIdColumn: "CallerAppId" }],
            },
          },
        },
      },
      {},
    ]);
  });

  test("their queries stand, take what arrived in the hour before, and name this set-up", { timeout: 60_000 }, () => {
    const queries = detections.map(
      ({ queryCondition }) => z.object({ queryText: z.string() }).parse(queryCondition).queryText,
    );
    for (const query of queries) {
      expect(analyse(query).problems).toEqual([]);
      expect(query.length).toBeLessThan(QUERY_LENGTH_MAX);
      expect(query).toContain("TimeGenerated > ago(4h) and ingestion_time() > ago(70m)");
    }
    expect(queries[1]).toContain("let ownRegistrar = 'aaaaaaaa-0000-4000-8000-00000000000a';");
  });
});
