import { normaliseScope, scopeCovers } from "../access";

/**
 * A test for ids of documents that lie at or below a scope. Those ids are well formed, so that lower case is all that a
 * comparison needs: it is made tens of thousands of times in a large estate.
 */
export function below(scope: string): (id: string) => boolean {
  const at = normaliseScope(scope);
  return (id) => scopeCovers(at, id.toLowerCase());
}
