"use client";
import { Button } from "@fluentui/react-components";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getJson } from "@/components/api/get-json";
import { type Action, useAction } from "@/components/api/use-action";
import { useSession } from "@/components/session/session-context";
import { FailureNotice } from "@/components/ui/failure-notice";
import { Card } from "@/components/ui/page";
import { Wait } from "@/components/ui/wait";
import { CustomRoles, type CustomRoleView, type RolePurpose } from "@/lib/deployments/custom-roles.pure";
import s from "./grants-page.module.css";

export type WriteRole = Action<{ purpose: RolePurpose }, CustomRoleView>;

const TITLES: Record<RolePurpose, string> = {
  plant: "To plant: may list and write, reads no value, deletes nothing",
  retire: "To remove: may list and delete, reads no value, writes nothing",
};

/** The two custom roles that the planting identity is given for the time of a job, and whether they are what they should be. */
export function RolesCard({ writeRole }: { writeRole: WriteRole }) {
  const { getToken } = useSession();
  const roles = useQuery({
    queryKey: ["roles"],
    queryFn: ({ signal }) => getJson("/api/roles", (body) => CustomRoles.parse(body), getToken, signal),
  });
  return (
    <Card title="Custom roles">
      {roles.isError && <FailureNotice error={roles.error} onRetry={() => roles.refetch()} />}
      {roles.isPending && <Wait>Asking Azure for the roles</Wait>}
      {roles.data?.roles.map((role) => (
        <Role key={role.purpose} role={role} writeRole={writeRole} />
      ))}
    </Card>
  );
}

function Role({ role, writeRole }: { role: CustomRoleView; writeRole: WriteRole }) {
  const { roles } = useSession();
  const client = useQueryClient();
  const writing = useAction(writeRole, () => client.invalidateQueries({ queryKey: ["roles"] }));
  const mendable = role.state === "missing" || role.state === "different";
  return (
    <section className={s.role} aria-label={TITLES[role.purpose]}>
      <h3 className={s.roleTitle}>{TITLES[role.purpose]}</h3>
      <p>{sentenceOf(role)}</p>
      <p className={s.note}>
        {[...role.dataActions, ...role.actions.map((one) => `${one} (on the vault as a resource)`)].join(", ")}
      </p>
      {writing.isError && <FailureNotice error={writing.error} />}
      {mendable && roles.includes("Administrator") && (
        <Button disabled={writing.isPending} onClick={() => writing.mutate({ purpose: role.purpose })}>
          {role.state === "missing" ? "Create this role" : "Bring this role to its form"}
        </Button>
      )}
    </section>
  );
}

function sentenceOf({ state, name, tooMuch, tooLittle, problem }: CustomRoleView): string {
  switch (state) {
    case "right":
      return `${name ?? "The role"} gives exactly what is needed.`;
    case "missing":
      return "There is no such role yet, so vaults with roles cannot be worked in.";
    case "not_configured":
      return "The settings name no GUID for it (RETIRE_ROLE_ID), so nothing can be removed from vaults with roles.";
    case "unknown":
      return problem ?? "It could not be read.";
    case "different": {
      const more = tooMuch.length > 0 ? ` It gives too much: ${tooMuch.join(", ")}.` : "";
      const less = tooLittle.length > 0 ? ` It lacks: ${tooLittle.join(", ")}.` : "";
      return `${name ?? "The role"} is not as it should be.${more}${less}`;
    }
  }
}
