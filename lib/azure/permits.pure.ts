/** One entry of ARM's permissions answer: what a role gives at a scope. Patterns may hold `*`. */
export interface Permission {
  actions: string[];
  notActions: string[];
  dataActions: string[];
  notDataActions: string[];
}

/** Whether any of the entries allows `action`. Each entry takes away only from itself, as Azure does. */
export function permits(permissions: readonly Permission[], action: string, plane: "control" | "data"): boolean {
  return permissions.some((entry) =>
    plane === "control"
      ? covers(entry.actions, action) && !covers(entry.notActions, action)
      : covers(entry.dataActions, action) && !covers(entry.notDataActions, action),
  );
}

function covers(patterns: readonly string[], action: string): boolean {
  return patterns.some((pattern) => matches(pattern.toLowerCase(), action.toLowerCase()));
}

/** `*` stands for any run of characters, `/` included. */
function matches(pattern: string, action: string): boolean {
  const parts = pattern.split("*");
  const first = parts[0] ?? "";
  if (parts.length === 1) return pattern === action;
  if (!action.startsWith(first)) return false;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = action.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  const last = parts.at(-1) ?? "";
  return action.length - last.length >= at && action.endsWith(last);
}
