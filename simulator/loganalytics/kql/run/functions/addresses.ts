import type { Json } from "../../types";
import { type Address, formatV4, formatV6, networkOf, parseAddress, parseV4 } from "../../values/address";
import { isArray } from "../../values/parse";
import { hasTerm } from "../../values/term";
import { type Compiled, json, number, otherwise, text } from "../compiled";
import { call1, call2, call3, computed, type FunctionSpec, type FunctionTable } from "../function";

type Parse = (text: string) => Address | null;

function low32(address: Address): number {
  return Number(address.value & 0xffff_ffffn);
}

/** -1, 0 or 1 under the shorter of the prefixes; null when either is no address. `shift` makes IPv4 prefixes 128 wide. */
function compare(parse: Parse, shift: number) {
  return (left: string, right: string, prefix: number): number | null => {
    const [a, b] = [parse(left), parse(right)];
    if (!a || !b) return null;
    const bits = Math.min(a.bits, b.bits, prefix + shift);
    const [x, y] = [networkOf(a.value, bits), networkOf(b.value, bits)];
    return x < y ? -1 : x > y ? 1 : 0;
  };
}

function inRange(parse: Parse, value: string, range: string): boolean | null {
  const [address, network] = [parse(value), parse(range)];
  if (!address || !network) return null;
  return networkOf(address.value, network.bits) === networkOf(network.value, network.bits);
}

/** In any of the ranges given as further arguments or as arrays. */
function inAnyRange(parse: Parse): FunctionSpec {
  return {
    min: 2,
    max: 64,
    make: ([value, ...ranges]) => {
      const read = text(value);
      const lists = ranges.map(json);
      return computed("bool", (row, index) => {
        const source = read(row, index) ?? "";
        if (!parse(source)) return null;
        const all = lists.flatMap((list): Json[] => {
          const each = list(row, index);
          return isArray(each) ? [...each] : [each];
        });
        return all.some((range) => typeof range === "string" && inRange(parse, source, range) === true);
      });
    },
  };
}

/** Whether a text holds an address as a term; `prefix` takes addresses that begin so. */
function hasAddress(source: string, sought: string, prefix: boolean): boolean {
  if (!prefix && !parseV4(sought)) return false;
  const full = parseV4(sought) !== null;
  if (prefix && !full && !/^\d{1,3}\.(?:\d{1,3}\.){0,2}$/.test(sought)) return false;
  const found = source.match(/\d{1,3}(?:\.\d{1,3}){3}/g) ?? [];
  return found.some(
    (each) => parseV4(each) && (prefix ? each.startsWith(sought) : each === sought) && hasTerm(source, each),
  );
}

function hasAny(prefix: boolean): FunctionSpec {
  return {
    min: 2,
    max: 64,
    make: ([source, ...rest]: readonly Compiled[]) => {
      const read = text(source);
      const lists = rest.map(json);
      return computed("bool", (row, index) => {
        const all = lists.flatMap((list): Json[] => {
          const each = list(row, index);
          return isArray(each) ? [...each] : [each];
        });
        return all.some((each) => hasAddress(read(row, index) ?? "", String(each), prefix));
      });
    },
  };
}

export const ADDRESSES: FunctionTable = {
  ipv4_compare: call3("long", [text, text, otherwise(number, 32)], compare(parseV4, 96), 2),
  ipv4_is_in_any_range: inAnyRange(parseV4),
  ipv4_netmask_suffix: call1("long", text, (value) => {
    const address = parseV4(value);
    return address && address.bits - 96;
  }),
  parse_ipv4_mask: call2("long", [text, number], (value, bits) => {
    const address = parseV4(value);
    return address && low32({ ...address, value: networkOf(address.value, 96 + bits) });
  }),
  format_ipv4: call2(
    "string",
    [text, otherwise(number, 32)],
    (value, bits) => {
      const address = /^\d+$/.test(value) ? { value: BigInt(value), bits: 128 } : parseV4(value);
      if (!address || bits < 0 || bits > 32) return "";
      return formatV4(Number(networkOf(address.value, Math.min(address.bits, 96 + bits)) & 0xffff_ffffn));
    },
    1,
  ),
  format_ipv4_mask: call2(
    "string",
    [text, otherwise(number, 32)],
    (value, bits) => {
      const address = /^\d+$/.test(value) ? { value: BigInt(value), bits: 128 } : parseV4(value);
      if (!address || bits < 0 || bits > 32) return "";
      const width = Math.min(address.bits, 96 + bits);
      return `${formatV4(Number(networkOf(address.value, width) & 0xffff_ffffn))}/${width - 96}`;
    },
    1,
  ),
  has_ipv4: call2("bool", [text, text], (source, sought) => hasAddress(source, sought, false)),
  has_ipv4_prefix: call2("bool", [text, text], (source, sought) => hasAddress(source, sought, true)),
  has_any_ipv4: hasAny(false),
  has_any_ipv4_prefix: hasAny(true),
  parse_ipv6: call1("string", text, (value) => {
    const address = parseAddress(value);
    return address && formatV6(networkOf(address.value, address.bits));
  }),
  parse_ipv6_mask: call2("string", [text, number], (value, bits) => {
    const address = parseAddress(value);
    return address && formatV6(networkOf(address.value, Math.min(address.bits, bits)));
  }),
  ipv6_compare: call3("long", [text, text, otherwise(number, 128)], compare(parseAddress, 0), 2),
  ipv6_is_match: call3(
    "bool",
    [text, text, otherwise(number, 128)],
    (left, right, prefix) => {
      const order = compare(parseAddress, 0)(left, right, prefix);
      return order === null ? null : order === 0;
    },
    2,
  ),
  ipv6_is_in_range: call2("bool", [text, text], (value, range) => inRange(parseAddress, value, range)),
  ipv6_is_in_any_range: inAnyRange(parseAddress),
};
