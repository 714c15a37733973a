import { randomUUID } from "node:crypto";
import { beforeEach, expect, test, vi } from "vitest";
import type { AzureAccess } from "@/lib/context";
import { endRole } from "./role-schedules";

/** An Azure that keeps the name of a request also where it refused it, which its description leaves open. */
const azure = { requests: new Map<string, object>(), stands: true, mayEnd: true };
const refused = (statusCode: number, code: string) => Object.assign(new Error("refused"), { statusCode, code });

vi.mock("./role-assignments", () => ({
  authorizationClient: () => ({
    roleAssignmentScheduleRequests: {
      get: async (_: string, name: string) => azure.requests.get(name) ?? Promise.reject(refused(404, "NotFound")),
      create: async (_: string, name: string) => {
        if (azure.requests.has(name)) throw refused(409, "RoleAssignmentScheduleRequestExists");
        azure.requests.set(name, { ...GIVEN, status: azure.mayEnd ? "Revoked" : "Failed" });
        if (!azure.stands) throw refused(400, "RoleAssignmentDoesNotExist");
        if (!azure.mayEnd) throw refused(400, "ActiveDurationTooShort");
        azure.stands = false;
        return azure.requests.get(name);
      },
    },
  }),
}));

const GIVEN = { status: "Provisioned", principalId: randomUUID(), roleDefinitionId: "r" };
const access = {} as AzureAccess; // passed on to the fake only, which ignores it
const role = { scope: "/subscriptions/s", request: randomUUID() };
beforeEach(() => {
  Object.assign(azure, { requests: new Map([[role.request, GIVEN]]), stands: true, mayEnd: true });
});

test("that there is a request of a name is no proof that it took the role back", async () => {
  const as = randomUUID();
  azure.mayEnd = false;
  expect(await endRole(access, role, as)).toBe("too early");
  azure.mayEnd = true;
  await expect(endRole(access, role, as)).rejects.toMatchObject({ failure: { code: "conflict" } });
  expect(azure.stands).toBe(true);
  expect(await endRole(access, role, randomUUID())).toBe("ended");
  expect(azure.stands).toBe(false);
  expect(await endRole(access, role, randomUUID())).toBe("absent");
});
