"use client";
import type { DecoySettings } from "@/lib/decoys/settings.pure";
import { GroupForm } from "./group-form";
import { NumberField, WordsField } from "./text-field";
import { type GroupProps, numberIn, useGroupForm } from "./use-settings";

const draftOf = ({ keyKeywords, secretKeywords, perVault, additionalProbability }: DecoySettings) => ({
  keyKeywords: keyKeywords.join(" "),
  secretKeywords: secretKeywords.join(" "),
  perVault: String(perVault),
  // A share such as 0.07 would otherwise show its binary rest.
  percent: String(Number((additionalProbability * 100).toFixed(4))),
});

const wordsIn = (text: string) => text.split(/[\s,;]+/).filter(Boolean);

const settingsIn = (draft: ReturnType<typeof draftOf>) => ({
  keyKeywords: wordsIn(draft.keyKeywords),
  secretKeywords: wordsIn(draft.secretKeywords),
  perVault: numberIn(draft.perVault),
  additionalProbability: numberIn(draft.percent) / 100,
});

/** How honeytokens are named, and how many a vault gets. */
export function DecoyForm(props: GroupProps<"decoys">) {
  const form = useGroupForm("decoys", props, draftOf, settingsIn);
  const { draft, problems, edit } = form;
  const disabled = !props.mayChange;
  return (
    <GroupForm title="Honeytokens" changed={props.changed} mayChange={props.mayChange} form={form}>
      <WordsField
        label="Words for secrets"
        hint="Names are built from the names in each vault. These words join in where they fit; none is needed."
        problem={problems.secretKeywords}
        value={draft.secretKeywords}
        disabled={disabled}
        onChange={(secretKeywords) => edit({ secretKeywords })}
      />
      <WordsField
        label="Words for keys"
        problem={problems.keyKeywords}
        value={draft.keyKeywords}
        disabled={disabled}
        onChange={(keyKeywords) => edit({ keyKeywords })}
      />
      <NumberField
        label="Honeytokens per vault"
        hint="From 1 to 5."
        problem={problems.perVault}
        value={draft.perVault}
        disabled={disabled}
        onChange={(perVault) => edit({ perVault })}
      />
      <NumberField
        label="Chance of one more"
        hint="In a spread deployment it follows the first within minutes, as people often make two objects at once. Advised: 10 %, so that having been made alone gives none away."
        unit="%"
        problem={problems.additionalProbability}
        value={draft.percent}
        disabled={disabled}
        onChange={(percent) => edit({ percent })}
      />
    </GroupForm>
  );
}
