import "server-only";
import { ZodError } from "zod";
import { AppError } from "@/lib/errors";
import type { ErrorCode } from "@/lib/errors.pure";
import { type AzureError, AzureFault, azureErrorOf } from "./azure-error";

/** Azure did not say how long; its shortest published window is 5 seconds, its longest usual one 30. */
const RETRY_AFTER_DEFAULT_SECONDS = 10;

/**
 * Turns whatever an Azure client threw while `doing` ("read the vault") into a sentence with what to do.
 *
 * The sentence is ours throughout. Azure's own text is left out, since it repeats object names, query text and ids;
 * of Azure's words only its codes and the name of a missing permission appear. The cause holds no more than that either.
 */
export function toAppError(error: unknown, doing: string): AppError {
  if (error instanceof AppError) return error;
  const nested = appErrorIn(error);
  if (nested) return nested;
  if (error instanceof ZodError) {
    return new AppError(
      "unavailable",
      `Could not ${doing}: Azure answered in a form that this version does not know.`,
      { fix: "Look for an update of this product; until then, report it." },
      new Error(`Unknown form at: ${error.issues.map(({ path, code }) => `${path.join(".")} (${code})`).join(", ")}`),
    );
  }
  const azure = azureErrorOf(error);
  if (!azure) {
    return new AppError("unavailable", `Could not ${doing}.`, { fix: "Try again; if it stays, report it." }, error);
  }
  const said = sentenceFor(azure);
  const message = `Could not ${doing}: ${said.reason(azure)}`;
  const more = {
    fix: said.fix,
    ...(said.code === "throttled" && {
      retryAfterSeconds: azure.retryAfterSeconds ?? RETRY_AFTER_DEFAULT_SECONDS,
    }),
    ...(said.code === "step_up" && azure.claims !== undefined && { claims: azure.claims }),
  };
  return new AppError(said.code, message, more, new AzureFault(azure, error instanceof Error ? error : new Error()));
}

/**
 * Whether a write may or may not have happened: anything but a clear refusal (4xx) by Azure, or by us before sending.
 * Look before anything else. Takes what `setSecretOnce` and `createKeyOnce` threw.
 */
export function isAmbiguous(error: unknown): boolean {
  if (error instanceof AppError && error.cause === undefined) return false;
  const status = azureErrorOf(error)?.status;
  return status === undefined || status < 400 || status >= 500 || status === 408;
}

/** Key Vault's codes for a call that a vault's firewall or private endpoint does not let in. */
export const NETWORK_CODES = ["ForbiddenByFirewall", "ForbiddenByConnection"];

/** Whether the vault's network refused, before anybody's rights were looked at. */
export function isRefusedByNetwork(error: unknown): boolean {
  return azureErrorOf(error)?.codes.some((code) => NETWORK_CODES.includes(code)) ?? false;
}

/**
 * Whether waiting may mend it without anybody doing something: Azure fails or asks to wait, or something else is changing
 * the same thing in this moment. Of the conflicts most do not pass: a lock or a deleted name stays until somebody acts.
 */
export function passesByItself(error: AppError): boolean {
  const { code } = error.failure;
  if (code === "unavailable" || code === "throttled") return true;
  const azure = code === "conflict" ? azureErrorOf(error) : undefined;
  return azure !== undefined && sentenceFor(azure).passes === true;
}

/** A credential throws our own errors; the pipeline may wrap them. */
function appErrorIn(error: unknown): AppError | undefined {
  let at: unknown = error;
  for (let depth = 0; depth < 5 && at instanceof Error; depth++) {
    if (at instanceof AppError) return at;
    at = at.cause;
  }
  return undefined;
}

interface Sentence {
  when(azure: AzureError): boolean;
  code: ErrorCode;
  reason(azure: AzureError): string;
  fix: string;
  /** A conflict that is over by itself. */
  passes?: true;
}

const has =
  (...wanted: string[]) =>
  (azure: AzureError) =>
    azure.codes.some((code) => wanted.some((one) => one.toLowerCase() === code.toLowerCase()));
const status =
  (...wanted: number[]) =>
  (azure: AzureError) =>
    azure.status !== undefined && wanted.includes(azure.status);
const plain = (text: string) => () => text;
const withCode = (text: string) => (azure: AzureError) => {
  // The transport's own stand-in for an answer without a body says no more than the status.
  const code = azure.codes.filter((one) => !/^Http\d+$/.test(one)).at(-1);
  return code ? `${text} (${code}).` : `${text}.`;
};

/** Most specific first; the first that fits is said. */
const SENTENCES: Sentence[] = [
  {
    when: (azure) => azure.status === 401 && azure.claims !== undefined,
    code: "step_up",
    reason: plain("Azure wants you to confirm your sign-in."),
    fix: "Confirm it, then try again.",
  },
  {
    when: status(401),
    code: "unavailable",
    reason: withCode("Azure did not accept our token"),
    fix: "Try again. If it stays, sign out and in again, and check this server's clock, app registration and identities.",
  },
  {
    when: has("ForbiddenByFirewall"),
    code: "forbidden",
    reason: plain("the vault's firewall does not let this server in."),
    fix: "Let this server's address or subnet in, in the vault's networking settings.",
  },
  {
    when: has("ForbiddenByConnection"),
    code: "forbidden",
    reason: plain("the vault takes connections from its private endpoints only."),
    fix: "Give the vault a private endpoint that this server reaches, or plant a key through Azure Resource Manager.",
  },
  {
    when: has("ForbiddenByRbac", "ForbiddenByPolicy", "AccessDenied"),
    code: "forbidden",
    reason: plain("the vault refused: the identity has no right to this on the vault's contents."),
    fix: "Ask an administrator of the vault for the role; a new one takes up to 10 minutes to work.",
  },
  {
    when: ({ withoutSentinel }) => withoutSentinel,
    code: "conflict",
    reason: plain("Microsoft Sentinel is not on for the workspace."),
    fix: "Switch it on first: Set-up, Set up for me does that.",
  },
  {
    when: has("SecretDisabled", "KeyDisabled"),
    code: "conflict",
    reason: plain("the object is disabled."),
    fix: "Have it enabled first.",
  },
  {
    when: has("RequestDisallowedByPolicy"),
    code: "forbidden",
    reason: plain("an Azure Policy assignment denies it."),
    fix: "Ask the owner of the policy for an exemption.",
  },
  {
    when: has("ScopeLocked"),
    code: "conflict",
    reason: plain("a lock on the resource or its group stops it."),
    fix: "Have the lock removed for the time of the change.",
  },
  {
    when: has("ReadOnlyDisabledSubscription", "DisallowedOperation"),
    code: "conflict",
    reason: plain("the subscription is disabled, so Azure only lets it be read."),
    fix: "Ask the owner of the subscription.",
  },
  {
    when: has("RoleAssignmentLimitExceeded"),
    code: "conflict",
    reason: plain("the subscription holds as many role assignments as Azure allows."),
    fix: "Take out role assignments that nobody needs, or wait until a deployment has taken back its own.",
    passes: true,
  },
  {
    when: has("AuthorizationFailed", "LinkedAuthorizationFailed", "InsufficientAccessError"),
    code: "forbidden",
    reason: ({ action }) =>
      action ? `the right "${action}" is missing.` : "Azure says that the identity has no right to it.",
    fix: "Ask an administrator of the resource for a role that has it.",
  },
  {
    when: status(403),
    code: "forbidden",
    reason: withCode("Azure refused"),
    fix: "Ask an administrator of the resource.",
  },
  {
    when: has("ObjectIsDeletedButRecoverable"),
    code: "conflict",
    reason: plain("an object of that name was deleted and can still be recovered."),
    fix: "Choose another name, or have it recovered or purged.",
  },
  {
    when: has("ObjectIsBeingDeleted", "ObjectIsBeingRecovered"),
    code: "conflict",
    reason: plain("an object of that name is just being deleted or recovered."),
    fix: "Wait a minute and try again.",
    passes: true,
  },
  {
    when: status(404),
    code: "not_found",
    reason: withCode("Azure does not find it"),
    fix: "Check that it still exists and that you may see it.",
  },
  {
    when: status(409, 412),
    code: "conflict",
    reason: withCode("something else changed it at the same time, or its state does not allow it"),
    fix: "Reload and try again.",
    passes: true,
  },
  {
    when: status(429),
    code: "throttled",
    reason: plain("Azure asks to slow down."),
    fix: "Wait a moment and try again.",
  },
  {
    when: has("ENOTFOUND", "EAI_AGAIN"),
    code: "unavailable",
    reason: plain("its address does not resolve."),
    fix: "Check that the resource still exists, and this server's DNS (private endpoints need a private zone).",
  },
  {
    when: ({ status }) => status === undefined,
    code: "unavailable",
    reason: withCode("there was no answer"),
    fix: "Check this server's network, then try again.",
  },
  {
    when: ({ status }) => status !== undefined && status < 300,
    code: "unavailable",
    reason: plain("its answer arrived cut off, so it was not used."),
    fix: "Try again; if it stays, look for a proxy between this server and Azure that changes answers.",
  },
  {
    when: (azure) => status(408, 504)(azure) || has("GatewayTimeout", "QueryTimeout")(azure),
    code: "unavailable",
    reason: plain("Azure took too long."),
    fix: "Try again in a minute.",
  },
  {
    when: ({ status }) => status !== undefined && status >= 500,
    code: "unavailable",
    reason: withCode("Azure had an error of its own"),
    fix: "Try again in a minute; Azure's status page tells about outages.",
  },
];

function sentenceFor(azure: AzureError): Sentence {
  return SENTENCES.find((sentence) => sentence.when(azure)) ?? OTHER;
}

const OTHER: Sentence = {
  when: () => true,
  code: "unavailable",
  reason: withCode("Azure did not accept the request"),
  fix: "Report it with the request id.",
};
