"use client";
import { Field, Select } from "@fluentui/react-components";
import { useMemo, useState } from "react";
import { Card } from "@/components/ui/page";
import { customRecommendation } from "@/lib/distribution/custom-recommendation.pure";
import { auditPolicy, initiative, type PolicyOptions, tagPolicy } from "@/lib/distribution/policies.pure";
import { recommendationTemplate } from "@/lib/distribution/recommendation-template.pure";
import { CodeView } from "./code-view";
import s from "./recommendation.module.css";

/** Where no place is chosen yet. */
const SOME_SCOPE = "/providers/Microsoft.Management/managementGroups/NAME";

interface Form {
  name: string;
  file: string;
  note: string;
  text(options: PolicyOptions, scope: string): string;
}

const body = (properties: unknown): string => JSON.stringify({ properties }, null, 2);
const json = (value: unknown): string => JSON.stringify(value, null, 2);

const FORMS: readonly Form[] = [
  {
    name: "Audit policy",
    file: "audit-policy.json",
    note: "Flags a vault until its tag says that it was reviewed, and one without the tag.",
    text: (options) => body(auditPolicy(options)),
  },
  {
    name: "Tag policy",
    file: "tag-policy.json",
    note: "Adds the tag where there is none, and never writes over one.",
    text: (options) => body(tagPolicy(options)),
  },
  {
    name: "Initiative",
    file: "initiative.json",
    note: "Holds the audit policy alone, so that Defender for Cloud shows one recommendation. The tag policy is assigned by itself.",
    text: (options, scope) =>
      body(
        initiative(options, `${scope}/providers/Microsoft.Authorization/policyDefinitions/${options.auditPolicyName}`),
      ),
  },
  {
    name: "ARM template for a management group",
    file: "management-group.template.json",
    note: "Definitions and initiative. Assignments, the identity's role and the remediation are not in it.",
    text: (options) => json(recommendationTemplate(options, "managementGroup")),
  },
  {
    name: "ARM template for a subscription",
    file: "subscription.template.json",
    note: "Definitions and initiative. Assignments, the identity's role and the remediation are not in it.",
    text: (options) => json(recommendationTemplate(options, "subscription")),
  },
  {
    name: "Custom recommendation for Defender CSPM",
    file: "recommendation.kql",
    note: "The query of a recommendation in a custom standard. It needs the plan Defender CSPM, Security Admin for the recommendation and Owner for the standard.",
    text: (options) => customRecommendation(options),
  },
];

/** Everything that deploying would write, as it is saved, made in the browser. */
export function TextsCard({ options, scope }: { options: PolicyOptions; scope: string }) {
  const [chosen, setChosen] = useState(FORMS[0]?.name ?? "");
  const form = FORMS.find(({ name }) => name === chosen);
  const text = useMemo(() => form?.text(options, scope === "" ? SOME_SCOPE : scope) ?? "", [form, options, scope]);
  return (
    <Card title="What it consists of">
      <div className={s.body}>
        <Field label="Part">
          <Select value={chosen} onChange={(_, data) => setChosen(data.value)}>
            {FORMS.map(({ name }) => (
              <option key={name}>{name}</option>
            ))}
          </Select>
        </Field>
        {form && (
          <>
            <p className={s.note}>{form.note}</p>
            <CodeView label={form.name} text={text} file={form.file} />
          </>
        )}
      </div>
    </Card>
  );
}
