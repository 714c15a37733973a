import "server-only";
import { normaliseId } from "@/lib/azure/resource-id.pure";

/**
 * Whether what Azure has holds all that is wanted; Azure adds fields of its own, and leaves out what is empty. Ids are
 * compared without case.
 */
export function holdsAll(found: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted)) {
    const list: readonly unknown[] = Array.isArray(found) ? found : [];
    return list.length === wanted.length && wanted.every((one, index) => holdsAll(list[index], one));
  }
  if (typeof wanted === "object" && wanted !== null) {
    const entries = Object.entries(wanted);
    if (entries.length === 0) return true;
    const fields = typeof found === "object" && found !== null ? new Map(Object.entries(found)) : undefined;
    return fields !== undefined && entries.every(([name, value]) => holdsAll(fields.get(name), value));
  }
  if (typeof wanted === "string" && typeof found === "string" && wanted.startsWith("/"))
    return normaliseId(found) === normaliseId(wanted);
  return found === wanted;
}
