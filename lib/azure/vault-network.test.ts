import { expect, test } from "vitest";
import { ANYWHERE, NetworkSettings, networkOf, type Outbound } from "./vault-network";

const SUBSCRIPTION = "/subscriptions/11111111-2222-4333-8444-555555555555";
const NETWORK = `${SUBSCRIPTION}/resourceGroups/rg-net/providers/Microsoft.Network`;
const APPS = `${NETWORK}/virtualNetworks/vnet/subnets/apps`;
const JOBS = `${NETWORK}/virtualNetworks/vnet/subnets/jobs`;
const HUB = `${SUBSCRIPTION}/resourcegroups/rg-net`;

const acls = (change: object = {}) => ({ defaultAction: "Deny", ...change });
const connections = (status: string, id = `${NETWORK}/privateEndpoints/pe-kv`) => [
  { properties: { privateEndpoint: { id }, privateLinkServiceConnectionState: { status } } },
];
const settings = (change: object = {}) =>
  NetworkSettings.parse({ publicNetworkAccess: "Enabled", networkAcls: acls(), ...change });
const from = (change: Partial<Outbound>): Outbound => ({ ...ANYWHERE, ...change });

test.each([
  ["says nothing", { publicNetworkAccess: undefined, networkAcls: undefined }, "public"],
  ["lets everybody in", { networkAcls: acls({ defaultAction: "Allow" }) }, "public"],
  ["has rules", {}, "firewall"],
  ["is closed to public networks", { publicNetworkAccess: "disabled" }, "private"],
])("a vault that %s, where nobody says from where calls come", (_, change, network) => {
  expect(networkOf(settings(change), ANYWHERE)).toBe(network);
});

test("a firewall lets in a subnet of its rules, whatever its spelling, and every one that calls come from has to be in", () => {
  const vault = settings({ networkAcls: acls({ virtualNetworkRules: [{ id: APPS.toUpperCase() }] }) });
  const [apps, jobs] = [APPS.toLowerCase(), JOBS.toLowerCase()];
  expect(networkOf(vault, from({ subnets: [apps] }))).toBe("admitted");
  expect(networkOf(vault, from({ subnets: [jobs] }))).toBe("firewall");
  expect(networkOf(vault, from({ subnets: [apps, jobs] }))).toBe("firewall");
});

test("a firewall lets in addresses of its rules and ranges, and what is no address lets nobody in", () => {
  const ipRules = [
    { value: "198.51.100.0/28" },
    { value: "203.0.113.7" },
    { value: "everything/0" },
    { value: "::/0" },
  ];
  const vault = settings({ networkAcls: acls({ ipRules }) });
  expect(networkOf(vault, from({ addresses: ["198.51.100.15"] }))).toBe("admitted");
  expect(networkOf(vault, from({ addresses: ["198.51.100.1", "203.0.113.7"] }))).toBe("admitted");
  expect(networkOf(vault, from({ addresses: ["198.51.100.16"] }))).toBe("firewall");
  expect(networkOf(vault, from({ addresses: ["198.51.100.1", "192.0.2.1"] }))).toBe("firewall");
});

test("where calls leave from a subnet and from an address, both have to be let in", () => {
  const both = from({ subnets: [APPS.toLowerCase()], addresses: ["203.0.113.7"] });
  const virtualNetworkRules = [{ id: APPS }];
  const ipRules = [{ value: "203.0.113.7" }];
  expect(networkOf(settings({ networkAcls: acls({ virtualNetworkRules }) }), both)).toBe("firewall");
  expect(networkOf(settings({ networkAcls: acls({ ipRules }) }), both)).toBe("firewall");
  expect(networkOf(settings({ networkAcls: acls({ ipRules, virtualNetworkRules }) }), both)).toBe("admitted");
});

test("what is closed to public networks takes no address and no subnet, but an approved private endpoint that is reached", () => {
  const rules = acls({ ipRules: [{ value: "203.0.113.7" }], virtualNetworkRules: [{ id: APPS }] });
  const closed = (status: string) =>
    settings({
      publicNetworkAccess: "Disabled",
      networkAcls: rules,
      privateEndpointConnections: connections(status),
    });
  const inside = { addresses: ["203.0.113.7"], subnets: [APPS.toLowerCase()] };
  expect(networkOf(closed("Approved"), from(inside))).toBe("private");
  expect(networkOf(closed("Approved"), from({ endpointScopes: [HUB] }))).toBe("admitted");
  expect(networkOf(closed("Pending"), from({ endpointScopes: [HUB] }))).toBe("private");
  // A scope ends where its name does.
  expect(networkOf(closed("Approved"), from({ endpointScopes: [HUB.slice(0, -1)] }))).toBe("private");
  expect(networkOf(closed("Approved"), from({ endpointScopes: [SUBSCRIPTION] }))).toBe("admitted");
});

test("a private endpoint is past the firewall as well, in the form of Azure Resource Manager's SDK too", () => {
  const privateEndpointConnections = [
    {
      privateEndpoint: { id: `${NETWORK}/privateEndpoints/pe-kv` },
      privateLinkServiceConnectionState: { status: "Approved" },
    },
  ];
  expect(networkOf(settings({ privateEndpointConnections }), from({ endpointScopes: [HUB] }))).toBe("admitted");
});
