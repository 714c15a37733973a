import { expect, test } from "vitest";
import { CLOUDS } from "@/lib/cloud";
import { callersOf } from "./incident-parts";

const AT = "2026-11-22T12:00:00.000Z";
const OID = "bbbbbbbb-0000-4000-8000-00000000000b";

function addressesOf(...ips: string[]) {
  const rows = ips.map((Ip) => ({
    ...{ Caller: OID, Ip, Calls: 1, First: AT, Last: AT, Oid: OID },
    ...{ Upn: "kim@contoso.test", AppIds: [], ManagedIdentity: "", Clients: [] },
  }));
  return callersOf(rows, [OID], new Date(AT), CLOUDS.AzureCloud)[0]?.addresses ?? [];
}

test("an address leads to its page in the Defender portal, and nothing else is put into a link", () => {
  const links = addressesOf("203.0.113.9", "2001:db8::9", "", "203.0.113.9/../x", "javascript:alert(1)");
  expect(links.map(({ url }) => url)).toEqual([
    "https://security.microsoft.com/ip/203.0.113.9/overview",
    "https://security.microsoft.com/ip/2001%3Adb8%3A%3A9/overview",
    null,
    null,
    null,
  ]);
});
