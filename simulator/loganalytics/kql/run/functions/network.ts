import type { Json } from "../../types";
import { number, otherwise, text } from "../compiled";
import { call1, call2, call3, type FunctionTable } from "../function";

interface Network {
  address: number;
  bits: number;
}

/** Reads `a.b.c.d` or `a.b.c.d/n`. */
function parseNetwork(value: string): Network | null {
  const match = /^\s*(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:\/(\d{1,2}))?\s*$/.exec(value);
  if (!match) return null;
  const octets = match.slice(1, 5).map(Number);
  const bits = match[5] === undefined ? 32 : Number(match[5]);
  if (octets.some((octet) => octet > 255) || bits > 32) return null;
  return { address: octets.reduce((sum, octet) => sum * 256 + octet, 0), bits };
}

function masked(address: number, bits: number): number {
  const size = 2 ** (32 - bits);
  return Math.floor(address / size) * size;
}

const PRIVATE = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"].flatMap((range) => parseNetwork(range) ?? []);

function isPrivate(value: string): boolean | null {
  const network = parseNetwork(value);
  if (!network) return null;
  return PRIVATE.some((range) => range.bits <= network.bits && masked(network.address, range.bits) === range.address);
}

function matches(left: string, right: string, prefix: number): boolean | null {
  const [a, b] = [parseNetwork(left), parseNetwork(right)];
  if (!a || !b) return null;
  const bits = Math.min(a.bits, b.bits, prefix);
  return masked(a.address, bits) === masked(b.address, bits);
}

function inRange(value: string, range: string): boolean | null {
  const [address, network] = [parseNetwork(value), parseNetwork(range)];
  if (!address || !network) return null;
  return masked(address.address, network.bits) === masked(network.address, network.bits);
}

/** `encodeURIComponent` undone; text that is not valid stays as it is. */
function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

/** The parts of a URL, with the service's names for them. */
function parseUrl(value: string): Json {
  const match =
    /^(?:([a-z][a-z0-9+.-]*):\/\/)?(?:([^@/?#]*)@)?([^:/?#]*)(?::(\d+))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/is.exec(
      value,
    );
  const [, scheme = "", credentials = "", host = "", port = "", path = "", query = "", fragment = ""] = match ?? [];
  const colon = credentials.indexOf(":");
  return {
    Scheme: scheme,
    Host: host,
    Port: port,
    Path: path,
    Username: colon < 0 ? credentials : credentials.slice(0, colon),
    Password: colon < 0 ? "" : credentials.slice(colon + 1),
    "Query Parameters": parseQuery(query),
    Fragment: fragment,
  };
}

function parseQuery(query: string): Json {
  const pairs = query.split("&").filter(Boolean);
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf("=");
      return at < 0 ? [decode(pair), ""] : [decode(pair.slice(0, at)), decode(pair.slice(at + 1))];
    }),
  );
}

/** The parts of a file path, Windows or Unix. */
function parsePath(value: string): Json {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(value)?.[1] ?? "";
  const rest = scheme ? value.slice(scheme.length + 3) : value;
  const cut = Math.max(rest.lastIndexOf("/"), rest.lastIndexOf("\\"));
  const file = rest.slice(cut + 1);
  const directory = cut < 0 ? "" : rest.slice(0, cut);
  const stream = /^([^:]*):(.+)$/.exec(file);
  const name = stream?.[1] ?? file;
  const dot = name.lastIndexOf(".");
  return {
    Scheme: scheme,
    RootPath: /^([a-z]:|\\\\[^\\]+|\/)/i.exec(rest)?.[1] ?? "",
    DirectoryPath: directory,
    DirectoryName: directory.slice(Math.max(directory.lastIndexOf("/"), directory.lastIndexOf("\\")) + 1),
    Filename: name,
    Extension: dot < 0 ? "" : name.slice(dot + 1),
    AlternateDataStreamName: stream?.[2] ?? "",
  };
}

export const NETWORK: FunctionTable = {
  ipv4_is_private: call1("bool", text, isPrivate),
  ipv4_is_match: call3("bool", [text, text, otherwise(number, 32)], matches, 2),
  ipv4_is_in_range: call2("bool", [text, text], inRange),
  parse_ipv4: call1("long", text, (value) => {
    const network = parseNetwork(value);
    return network && masked(network.address, network.bits);
  }),
  url_decode: call1("string", text, decode),
  url_encode: call1("string", text, encodeURIComponent),
  url_encode_component: call1("string", text, encodeURIComponent),
  parse_url: call1("dynamic", text, parseUrl),
  parseurl: call1("dynamic", text, parseUrl),
  parse_urlquery: call1("dynamic", text, (value) => ({ "Query Parameters": parseQuery(value.replace(/^\?/, "")) })),
  parse_path: call1("dynamic", text, parsePath),
};
