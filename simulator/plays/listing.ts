import { z } from "zod";
import { QUICK_MS, type Step, type StepAnswer, type VaultClient } from "./play";

/** One line of a list of secrets or keys, as far as a thief looks at it. */
export interface Listed {
  name: string;
  enabled: boolean;
  /** Unix seconds. */
  created: number;
  updated: number;
  expires?: number;
  contentType?: string;
  managed: boolean;
}

const Item = z.looseObject({
  id: z.string().optional(),
  kid: z.string().optional(),
  contentType: z.string().optional(),
  managed: z.boolean().optional(),
  attributes: z.looseObject({
    enabled: z.boolean(),
    created: z.number(),
    updated: z.number(),
    exp: z.number().optional(),
  }),
});
const Page = z.looseObject({ value: z.array(Item), nextLink: z.string().nullish() });

/** Pages of a list that a play asks for at most. */
const PAGES_MAX = 40;

/** Asks for a whole list, page by page; what could be read of it. A refusal ends it. */
export function* listAll(
  client: VaultClient,
  collection: "secrets" | "keys",
  after = QUICK_MS,
): Generator<Step, Listed[], StepAnswer> {
  const found: Listed[] = [];
  let step: Step = client.get(`/${collection}`, `List the ${collection}`, after);
  for (let page = 0; page < PAGES_MAX; page++) {
    const answer: StepAnswer = yield step;
    const body = Page.safeParse(answer.body);
    if (answer.status !== 200 || !body.success) return found;
    found.push(...body.data.value.map(listed));
    const { nextLink } = body.data;
    if (!nextLink) return found;
    const query = Object.fromEntries(new URL(nextLink).searchParams);
    step = { ...client.get(`/${collection}`, `List the ${collection}, next page`), query };
  }
  return found;
}

function listed({ id, kid, contentType, managed, attributes }: z.infer<typeof Item>): Listed {
  return {
    name: (id ?? kid ?? "").split("/")[4] ?? "",
    enabled: attributes.enabled,
    created: attributes.created,
    updated: attributes.updated,
    managed: managed ?? false,
    ...(attributes.exp !== undefined && { expires: attributes.exp }),
    ...(contentType !== undefined && { contentType }),
  };
}
