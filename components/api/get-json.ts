import { z } from "zod";
import { ApiError, failureIn } from "./api-error";

export type GetToken = () => Promise<string>;

/**
 * Reads one of the product's own addresses as the signed-in person.
 * Throws ApiError: the server's own failure, or a sentence when no answer or not such an answer came.
 */
export async function getJson<T>(
  path: string,
  parse: (body: unknown) => T | Promise<T>,
  getToken: GetToken,
  signal?: AbortSignal,
): Promise<T> {
  const token = await getToken();
  const response = await request(path, token, signal);
  const body = await bodyOf(response);
  if (!response.ok) {
    throw new ApiError(
      failureIn(body) ?? {
        code: "unavailable",
        message: `The server answered with status ${response.status}.`,
        fix: "Try again in a moment.",
      },
    );
  }
  try {
    return await parse(body);
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    throw new ApiError(
      {
        code: "unavailable",
        message: "This page and the server do not understand each other. One of them is newer.",
        fix: "Reload the page.",
      },
      error,
    );
  }
}

async function request(path: string, token: string, signal: AbortSignal | undefined): Promise<Response> {
  try {
    return await fetch(path, {
      headers: { authorization: `Bearer ${token}`, accept: "application/json" },
      cache: "no-store",
      ...(signal && { signal }),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw unreachable(error);
  }
}

/** The network is gone, or the server is: nobody answered. */
export function unreachable(cause: unknown): ApiError {
  return new ApiError(
    {
      code: "unavailable",
      message: "The server could not be reached.",
      fix: "Check that this product is still running and that you are online. The page keeps trying.",
    },
    cause,
  );
}

async function bodyOf(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    return undefined;
  }
}
