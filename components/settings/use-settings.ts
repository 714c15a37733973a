"use client";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError } from "@/components/api/api-error";
import { getJson } from "@/components/api/get-json";
import { type Action, useAction } from "@/components/api/use-action";
import { useSession } from "@/components/session/session-context";
import { type SettingGroup, type Settings, SettingsChange, SettingsView } from "@/lib/settings/settings.pure";

/** All settings, who changed them last, and whether this person may change them. */
export function useSettings() {
  const { getToken } = useSession();
  return useQuery({
    queryKey: ["settings"],
    queryFn: ({ signal }) => getJson("/api/settings", (body) => SettingsView.parse(body), getToken, signal),
  });
}

export type ChangeSettings = Action<SettingsChange, { changed: boolean }>;

/** What a form of one group needs. */
export interface GroupProps<G extends SettingGroup> {
  saved: Settings[G];
  changed: SettingsView["changed"][G];
  mayChange: boolean;
  change: ChangeSettings;
  /** Reads the settings again; resolves with what they are now. */
  reload(): Promise<SettingsView | undefined>;
}

/**
 * The state of a form for one group: what is typed, what is wrong with it, and saving it. What is typed stays when the
 * settings are read again; a change that somebody else made meanwhile is refused by the server, and then said.
 *
 * @param toDraft what stands in the fields for given settings
 * @param toValue what the fields mean; checked against the schema of the group
 */
export function useGroupForm<G extends SettingGroup, D>(
  group: G,
  { saved, changed, change, reload }: GroupProps<G>,
  toDraft: (saved: Settings[G]) => D,
  toValue: (draft: D) => unknown,
) {
  const [draft, setDraft] = useState(() => toDraft(saved));
  const [basedOn, setBasedOn] = useState(changed?.at ?? null);
  const [problems, setProblems] = useState<Record<string, string>>({});
  const saving = useAction(change, async () => {
    const now = await reload();
    setBasedOn(now?.changed[group]?.at ?? null);
  });
  const { failure } = saving.error instanceof ApiError ? saving.error : { failure: undefined };
  return {
    draft,
    problems: failure?.field === undefined ? problems : { ...problems, ...problemAt(failure.field, failure.message) },
    saving,
    edit: (next: Partial<D>) => {
      setDraft({ ...draft, ...next });
      setProblems({});
      saving.reset();
    },
    submit: () => {
      const parsed = SettingsChange.safeParse({ group, value: toValue(draft), basedOn });
      setProblems(parsed.success ? {} : problemsOf(parsed.error.issues));
      if (parsed.success) saving.mutate(parsed.data);
    },
    /** Shows what the settings are now in place of what was typed. */
    startAgain: async () => {
      const now = await reload();
      if (!now) return;
      setDraft(toDraft(now.settings[group]));
      setBasedOn(now.changed[group]?.at ?? null);
      saving.reset();
    },
  };
}

/** The first problem of each field: the path below `value`. */
function problemsOf(issues: readonly { path: readonly PropertyKey[]; message: string }[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const { path, message } of issues) found[fieldOf(path)] ??= message;
  return found;
}

function problemAt(path: string, message: string): Record<string, string> {
  return { [fieldOf(path.split("."))]: message };
}

function fieldOf(path: readonly PropertyKey[]): string {
  return path
    .slice(1)
    .filter((part) => typeof part === "string" && !/^\d+$/.test(part))
    .join(".");
}

/** A whole or broken number in decimal digits, as typed; nothing typed is no number, not zero, and neither is 1e3 or 0x10. */
export function numberIn(text: string): number {
  const typed = text.trim();
  return /^-?\d*\.?\d+$/.test(typed) ? Number(typed) : Number.NaN;
}
