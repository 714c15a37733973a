import "server-only";
import type { z } from "zod";
import type { Role, UserContext } from "@/lib/context";
import type { ActionResult } from "@/lib/errors.pure";

export interface Access {
  /** Any one of these app roles; left out = any signed-in person of the tenant. */
  roles?: readonly Role[];
}

type RouteParams = Record<string, string | string[] | undefined>;

/** A GET route handler: validates the token, checks the role, parses `{...query, ...params}`, maps errors. */
export function withUserRoute<I, O>(
  _access: Access,
  _schema: z.ZodType<I>,
  _handler: (ctx: UserContext, input: I) => Promise<O>,
): (request: Request, route: { params: Promise<RouteParams> }) => Promise<Response> {
  throw new Error("being written");
}

/** A server action: the token comes first, then the input. Never throws; failures are answers. */
export function withUserAction<I, O>(
  _access: Access,
  _schema: z.ZodType<I>,
  _handler: (ctx: UserContext, input: I) => Promise<O>,
): (token: string, input: unknown) => Promise<ActionResult<O>> {
  throw new Error("being written");
}
