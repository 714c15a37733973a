"use client";
import { useMutation } from "@tanstack/react-query";
import { useSession } from "@/components/session/session-context";
import type { ActionResult } from "@/lib/errors.pure";
import { ApiError } from "./api-error";
import { type GetToken, unreachable } from "./get-json";

/** A server action as a component gets it: the caller's token first, then the input. */
export type Action<Input, Output> = (token: string, input: Input) => Promise<ActionResult<Output>>;

/** Runs `action` as the signed-in person; a failure comes out as ApiError, whatever its way here was. */
export function useAction<Input, Output>(action: Action<Input, Output>, onDone?: (output: Output) => unknown) {
  const { getToken } = useSession();
  return useMutation({
    mutationFn: (input: Input) => runAction(action, getToken, input),
    ...(onDone && { onSuccess: (output: Output) => onDone(output) }),
  });
}

/** Runs `action` once. Throws ApiError: the server's own failure, or that nobody answered. */
export async function runAction<Input, Output>(action: Action<Input, Output>, getToken: GetToken, input: Input) {
  const token = await getToken();
  const result = await answerOf(action, token, input);
  if (!result.ok) throw new ApiError(result.error);
  return result.data;
}

async function answerOf<Input, Output>(action: Action<Input, Output>, token: string, input: Input) {
  try {
    return await action(token, input);
  } catch (error) {
    throw unreachable(error);
  }
}
