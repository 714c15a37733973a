import "server-only";
import type { ExceptionRecord } from "@/lib/store/alert-exceptions";
import { EXCEPTION_STATE } from "../rows";
import type { Fields } from "./fields";

/**
 * What stands in the columns that only mean something for a decoy. Microsoft's own queries take rows of the provider
 * Microsoft.KeyVault and join them by vault and name: another provider, a place that is no vault and a name that no
 * object can have keep such a row from ever counting as a honeytoken there.
 */
const NO_PROVIDER = "Exception";
const NO_NAME = "(exception)";

/** The row of one operation of an exception, as the rules read it. */
export function exceptionFields(exception: ExceptionRecord, operation: string): Fields {
  return {
    ResourceId: `exception/${exception.id}`,
    ResourceProvider: NO_PROVIDER,
    HoneyToken: NO_NAME,
    Properties: JSON.stringify({ Type: "exception", Operation: operation, Id: exception.id }),
    TokenKey: exception.scope,
    State: EXCEPTION_STATE,
    PlanterOid: exception.caller_oid,
    WindowStart: exception.valid_from.toISOString(),
    WindowEnd: exception.valid_until.toISOString(),
  };
}
