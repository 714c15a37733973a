"use client";
import { useQuery } from "@tanstack/react-query";
import { getJson } from "@/components/api/get-json";
import { useSession } from "@/components/session/session-context";
import { FootprintView } from "@/lib/footprint/footprint.pure";

/** What others see of us. Read when the page is opened and when it is asked for: it costs Azure a call for many vaults. */
export function useFootprint() {
  const { getToken } = useSession();
  return useQuery({
    queryKey: ["footprint"],
    queryFn: ({ signal }) => getJson("/api/footprint", (body) => FootprintView.parse(body), getToken, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
}
