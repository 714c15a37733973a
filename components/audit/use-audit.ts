"use client";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { debounce, parseAsString, parseAsStringLiteral, useQueryStates } from "nuqs";
import { type GetToken, getJson } from "@/components/api/get-json";
import { useSession } from "@/components/session/session-context";
import { AuditFilter, AuditPage, RESULTS } from "@/lib/audit/audit.pure";

const text = parseAsString.withDefault("").withOptions({ limitUrlUpdates: debounce(250) });

/** What the address of the audit page says. */
const PARAMETERS = {
  person: text,
  action: text,
  vault: text,
  result: parseAsStringLiteral(["", ...RESULTS]).withDefault(""),
  from: parseAsString.withDefault(""),
  to: parseAsString.withDefault(""),
};

/** The search of the audit page, kept in the address. */
export function useAuditParameters() {
  return useQueryStates(PARAMETERS);
}

export const NO_FILTER: AuditFilter = { person: "", action: "", vault: "", result: "", from: "", to: "" };

/** The search without what an old or hand-written address says and nobody understands. */
export function readableFilter(parameters: AuditFilter): AuditFilter {
  const parsed = AuditFilter.safeParse(parameters);
  if (parsed.success) return parsed.data;
  const wrong = new Set(parsed.error.issues.map(({ path }) => String(path[0])));
  const kept = Object.entries(parameters).filter(([name]) => !wrong.has(name));
  return AuditFilter.parse(Object.fromEntries(kept));
}

/** One page of rows from `path`, after the row that `after` names. */
export function readAuditPage(
  path: string,
  filter: AuditFilter,
  after: string | null,
  getToken: GetToken,
  signal?: AbortSignal,
): Promise<AuditPage> {
  const query = new URLSearchParams(Object.entries(filter).filter(([, value]) => value !== ""));
  if (after !== null) query.set("after", after);
  const address = query.size > 0 ? `${path}?${query}` : path;
  return getJson(address, (body) => AuditPage.parse(body), getToken, signal);
}

const FIRST: string | null = null;

/** The rows that the filter asks for, newest first, as many pages as were asked for. */
export function useAuditRows(filter: AuditFilter) {
  const { getToken } = useSession();
  return useInfiniteQuery({
    queryKey: ["audit", filter],
    queryFn: ({ pageParam, signal }) => readAuditPage("/api/audit", filter, pageParam, getToken, signal),
    initialPageParam: FIRST,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  });
}
