import { z } from "zod";
import { withUserRoute } from "@/lib/auth/with-user";
import { readBoard } from "@/lib/coverage/board";

export const dynamic = "force-dynamic";

export const GET = withUserRoute({}, z.strictObject({}), (ctx) => readBoard(ctx));
