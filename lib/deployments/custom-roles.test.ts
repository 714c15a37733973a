import { expect, test } from "vitest";
import { notOfferedIn, scopesWith } from "./custom-roles";

const A = "11111111-1111-4111-8111-111111111111";
const B = "22222222-2222-4222-8222-222222222222";
const standing = { assignableScopes: [`/subscriptions/${A}`.toUpperCase(), "/subscriptions/x/resourceGroups/G"] };

test("a role that is written again keeps every place in which it could be given, and gains those that lacked", () => {
  expect(notOfferedIn(standing, [A, B])).toEqual([B]);
  expect(scopesWith(standing, [A, B])).toEqual([...standing.assignableScopes, `/subscriptions/${B}`]);
});

test("a role that is not there yet can be given in the subscriptions that the person sees", () => {
  expect(scopesWith(undefined, [A, B])).toEqual([`/subscriptions/${A}`, `/subscriptions/${B}`]);
});
