/*
 * Query parameters that a request gives twice. No service takes the first of them: it joins the values by a comma, as the
 * web framework of most does, and refuses what comes out, or it refuses the second by name.
 */

/** The first name, as it was written the second time, that a query has more than once; case does not tell names apart. */
export function repeatedParameter(query: URLSearchParams): string | undefined {
  const seen = new Set<string>();
  for (const name of query.keys()) {
    const key = name.toLowerCase();
    if (seen.has(key)) return name.slice(0, NAME_MAX);
    seen.add(key);
  }
  return undefined;
}

/** Characters of a name that a refusal repeats. */
const NAME_MAX = 100;

/** Every value of a parameter (lower case), joined as the framework hands them on; undefined when there is none. */
export function joinedParameter(query: URLSearchParams, name: string): string | undefined {
  const values = [...query].filter(([key]) => key.toLowerCase() === name).map(([, value]) => value);
  return values.length === 0 ? undefined : values.join(",");
}
