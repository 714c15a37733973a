import "server-only";
import type { UserContext } from "@/lib/context";
import { ruleParameters } from "@/lib/detection/parameters";
import { ruleBodies } from "@/lib/detection/rule-export";
import type { ExportFormat, RulesFile } from "../pack.pure";
import { armTemplate } from "./arm";
import { defenderDetections } from "./defender";
import { yamlDocuments } from "./yaml";

/** All rules of the pack, with this set-up's ids in them, as one file of the wanted form. They name no honeytoken. */
export function exportPack({ config }: UserContext, format: ExportFormat): RulesFile {
  const parameters = ruleParameters(config);
  switch (format) {
    case "arm": {
      const workspace = config.workspace.resourceId.split("/").at(-1) ?? "";
      const text = pretty(armTemplate(ruleBodies(parameters), workspace));
      return { name: "honeytoken-rules.json", type: "application/json", text };
    }
    case "yaml":
      return { name: "honeytoken-rules.yaml", type: "application/yaml", text: yamlDocuments(ruleBodies(parameters)) };
    case "defender": {
      const text = pretty(defenderDetections(parameters));
      return { name: "honeytoken-detections.json", type: "application/json", text };
    }
  }
}

function pretty(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
