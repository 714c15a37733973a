"use client";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { getJson } from "@/components/api/get-json";
import { paced } from "@/components/api/polling";
import { useSession } from "@/components/session/session-context";
import { ImportPreview, RegisterView } from "@/lib/register/views.pure";

// DESIGN section 5: progress every 2 s, standing data every 15 s; React Query pauses both in hidden tabs.
const PROGRESS_MS = 2_000;
const STANDING_MS = 15_000;

export const REGISTER_KEY = ["register"] as const;

/** The register's state; asked often while a comparison or a repair is under way. */
export function useRegister() {
  const { getToken } = useSession();
  return useQuery({
    queryKey: REGISTER_KEY,
    queryFn: ({ signal }) => getJson("/api/register", (body) => RegisterView.parse(body), getToken, signal),
    placeholderData: keepPreviousData,
    refetchInterval: paced((view: RegisterView | undefined) => (view && isMoving(view) ? PROGRESS_MS : STANDING_MS)),
  });
}

function isMoving({ comparing, drift }: RegisterView): boolean {
  return comparing || drift.some(({ findings }) => findings.some(({ repairing }) => repairing));
}

/** What an import would do; read when a person asks for it. */
export function useImportPreview(wanted: boolean) {
  const { getToken } = useSession();
  return useQuery({
    queryKey: ["register", "import"],
    enabled: wanted,
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: ({ signal }) => getJson("/api/register/import", (body) => ImportPreview.parse(body), getToken, signal),
  });
}
