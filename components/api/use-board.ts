"use client";
import { useQuery } from "@tanstack/react-query";
import { useSession } from "@/components/session/session-context";
import type { Board } from "@/lib/coverage/board.pure";
import { getJson } from "./get-json";
import { keepUnchangedRows, parseBoard } from "./parse-board";
import { every, STANDING_MS } from "./polling";

/** Every vault that the signed-in person may see. */
export function useBoard() {
  const { getToken } = useSession();
  return useQuery({
    queryKey: ["board"],
    queryFn: ({ signal }) => getJson("/api/vaults", parseBoard, getToken, signal),
    structuralSharing: (previous, next) =>
      // The cache hands both over untyped; they come from parseBoard above.
      keepUnchangedRows(previous as Board | undefined, next as Board),
    refetchInterval: every(STANDING_MS),
  });
}
