"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getJson } from "@/components/api/get-json";
import { type Action, useAction } from "@/components/api/use-action";
import { useSession } from "@/components/session/session-context";
import { saveFile } from "@/components/ui/save-file";
import { type Deployed, type DeployRules, type ExportFormat, RulePack, RulesFile } from "@/lib/rules/pack.pure";

export type DeployAction = Action<DeployRules, Deployed>;

/** The rules of the pack beside what the workspace has of them. Read when the page is opened and when it is asked for. */
export function useRules() {
  const { getToken } = useSession();
  return useQuery({
    queryKey: ["rules"],
    queryFn: ({ signal }) => getJson("/api/rules", (body) => RulePack.parse(body), getToken, signal),
  });
}

/** Deploys, then reads anew everything that hangs on the rules. */
export function useDeploy(deploy: DeployAction) {
  const client = useQueryClient();
  return useAction(deploy, () =>
    Promise.all(["rules", "board", "vault"].map((key) => client.invalidateQueries({ queryKey: [key] }))),
  );
}

/** Brings the pack as a file of the wanted form. */
export function useExport() {
  const { getToken } = useSession();
  return useMutation({
    mutationFn: async (format: ExportFormat) => {
      const file = await getJson(`/api/rules/export?format=${format}`, (body) => RulesFile.parse(body), getToken);
      saveFile(file.name, `${file.type};charset=utf-8`, [file.text]);
    },
  });
}
