"use client";
import { Field, Input, Radio, RadioGroup } from "@fluentui/react-components";
import { GroupForm } from "@/components/settings/group-form";
import { type GroupProps, useGroupForm } from "@/components/settings/use-settings";
import { Check } from "@/components/ui/check";
import { fieldProblem } from "@/components/ui/field-problem";
import { FAMILIAR_NAMES, NEUTRAL_NAMES, type PolicyNames } from "@/lib/distribution/policies.pure";
import type { RecommendationSettings } from "@/lib/settings/settings.pure";
import { ownLink } from "./own-link";
import s from "./recommendation.module.css";

const FIELDS: readonly { name: keyof PolicyNames; label: string; hint?: string }[] = [
  { name: "tagName", label: "Tag" },
  { name: "needsReview", label: "Its value while a review is due" },
  { name: "reviewed", label: "Its value after a review", hint: "Azure compares it without case." },
  { name: "auditPolicyTitle", label: "Title of the recommendation", hint: "Owners see it in Defender for Cloud." },
  { name: "description", label: "Description" },
  { name: "category", label: "Category" },
  { name: "initiativeTitle", label: "Title of the initiative" },
  { name: "tagPolicyTitle", label: "Title of the tag policy" },
  { name: "auditPolicyName", label: "Name of the audit policy", hint: "Part of its id." },
  { name: "tagPolicyName", label: "Name of the tag policy" },
  { name: "initiativeName", label: "Name of the initiative" },
];

type Kind = "neutral" | "familiar" | "own";
const KINDS: Record<Kind, string> = {
  neutral: "Neutral names",
  familiar: "The names of Microsoft's earlier solution",
  own: "Names of your own",
};
const PRESETS = { neutral: NEUTRAL_NAMES, familiar: FAMILIAR_NAMES };
const isKind = (text: string): text is Kind => text in KINDS;

const draftOf = ({ names, link, ...rest }: RecommendationSettings) => ({
  ...rest,
  names,
  link: link ?? ownLink(),
  kind: kindOf(names),
});

const settingsIn = ({ kind: _, link, ...rest }: ReturnType<typeof draftOf>) => ({
  ...rest,
  link: link.trim() === ownLink() ? null : link.trim(),
});

function kindOf(names: PolicyNames): Kind {
  const same = (preset: PolicyNames) => FIELDS.every(({ name }) => preset[name] === names[name]);
  if (same(NEUTRAL_NAMES)) return "neutral";
  return same(FAMILIAR_NAMES) ? "familiar" : "own";
}

/** Names, texts and address of the recommendation, whether it is in use, and whether the product keeps its tag. */
export function NamesForm(props: GroupProps<"recommendation">) {
  const form = useGroupForm("recommendation", props, draftOf, settingsIn);
  const { draft, problems, edit } = form;
  const disabled = !props.mayChange;
  const choose = (kind: string) => {
    if (isKind(kind)) edit({ kind, ...(kind !== "own" && { names: PRESETS[kind] }) });
  };
  return (
    <GroupForm title="Names and texts" changed={props.changed} mayChange={props.mayChange} form={form}>
      <Check
        label="In use: it may be deployed, and boards show whose vaults are flagged"
        checked={draft.inUse}
        onChange={(inUse) => edit({ inUse })}
      />
      <Field label="What it is called">
        <RadioGroup value={draft.kind} disabled={disabled} onChange={(_, data) => choose(data.value)}>
          {Object.entries(KINDS).map(([kind, words]) => (
            <Radio key={kind} value={kind} label={words} />
          ))}
        </RadioGroup>
      </Field>
      {FIELDS.map(({ name, label, hint }) =>
        draft.kind === "own" || problems[`names.${name}`] !== undefined ? (
          <Field key={name} label={label} {...(hint && { hint })} {...fieldProblem(problems[`names.${name}`])}>
            <Input
              value={draft.names[name]}
              disabled={disabled}
              autoComplete="off"
              onChange={(_, data) => edit({ names: { ...draft.names, [name]: data.value } })}
            />
          </Field>
        ) : (
          <div key={name} className={s.said}>
            <span className={s.label}>{label}</span>
            <span>{draft.names[name]}</span>
          </div>
        ),
      )}
      <Field
        label="Address that owners open"
        hint="Shown bare, since markup is not promised to work there. Prefilled with the owner's own vaults, flagged first."
        {...fieldProblem(problems.link)}
      >
        <Input
          type="url"
          value={draft.link}
          disabled={disabled}
          autoComplete="off"
          onChange={(_, data) => edit({ link: data.value })}
        />
      </Field>
      <Check
        label="Keep the tag: the product writes it after the vault's state, both ways"
        hint="Needs the role Tag Contributor for the registrar; without it, owners mark their vaults themselves"
        checked={draft.keepTag}
        onChange={(keepTag) => edit({ keepTag })}
      />
    </GroupForm>
  );
}
