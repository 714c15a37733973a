import { KqlError } from "../../errors";
import type { Json } from "../../types";
import { isArray } from "../../values/parse";
import { constantValue, text } from "../compiled";
import { computed, type FunctionSpec, type FunctionTable } from "../function";

/*
 * The service knows thousands of user agents by a public list. Here the common browsers, systems and bots are known by
 * the same names; anything else is "Other", so the function is marked approximate.
 */

const BROWSERS: readonly [RegExp, string][] = [
  [/\b(?:Edg|Edge|EdgA|EdgiOS)\/(\d+)(?:\.(\d+))?(?:\.(\d+))?/, "Edge"],
  [/\bOPR\/(\d+)(?:\.(\d+))?(?:\.(\d+))?/, "Opera"],
  [/\b(\w*[Bb]ot)\/?(\d+)?(?:\.(\d+))?(?:\.(\d+))?/, "$bot"],
  [/\bFirefox\/(\d+)(?:\.(\d+))?(?:\.(\d+))?/, "Firefox"],
  [/\bChrome\/(\d+)(?:\.(\d+))?(?:\.(\d+))?.* Mobile/, "Chrome Mobile"],
  [/\bChrome\/(\d+)(?:\.(\d+))?(?:\.(\d+))?/, "Chrome"],
  [/\bVersion\/(\d+)(?:\.(\d+))?(?:\.(\d+))?.* Mobile.*Safari/, "Mobile Safari"],
  [/\bVersion\/(\d+)(?:\.(\d+))?(?:\.(\d+))?.*Safari/, "Safari"],
  [/\bMSIE (\d+)(?:\.(\d+))?(?:\.(\d+))?/, "IE"],
  [/\bTrident\/.*rv:(\d+)(?:\.(\d+))?(?:\.(\d+))?/, "IE"],
  [/\bcurl\/(\d+)(?:\.(\d+))?(?:\.(\d+))?/, "curl"],
  [/\bpython-requests\/(\d+)(?:\.(\d+))?(?:\.(\d+))?/i, "Python Requests"],
];

const SYSTEMS: readonly [RegExp, string][] = [
  [/Windows NT 10\.0()()/, "Windows"],
  [/Windows NT 6\.([123])()/, "Windows"],
  [/Android (\d+)(?:\.(\d+))?/, "Android"],
  [/(?:iPhone )?OS (\d+)_(\d+).*like Mac OS X/, "iOS"],
  [/Mac OS X (\d+)[_.](\d+)/, "Mac OS X"],
  [/CrOS()()/, "Chrome OS"],
  [/Linux()()/, "Linux"],
];

const DEVICES: readonly [RegExp, string, string, string][] = [
  [/iPhone/, "iPhone", "Apple", "iPhone"],
  [/iPad/, "iPad", "Apple", "iPad"],
  [/Macintosh/, "Mac", "Apple", "Mac"],
  [/[Bb]ot\b/, "Spider", "Spider", "Desktop"],
];

function browserOf(agent: string): Json {
  for (const [pattern, name] of BROWSERS) {
    const match = pattern.exec(agent);
    if (!match) continue;
    const groups = name === "$bot" ? match.slice(2) : match.slice(1);
    const [MajorVersion = "", MinorVersion = "", Patch = ""] = groups.map((each) => each ?? "");
    return { Family: name === "$bot" ? (match[1] ?? "Other") : name, MajorVersion, MinorVersion, Patch };
  }
  return { Family: "Other", MajorVersion: "", MinorVersion: "", Patch: "" };
}

function systemOf(agent: string): Json {
  for (const [pattern, name] of SYSTEMS) {
    const match = pattern.exec(agent);
    if (!match) continue;
    const windows = { "1": "7", "2": "8", "3": "8.1" }[match[1] ?? ""] ?? "10";
    const major = name === "Windows" ? windows : (match[1] ?? "");
    return { Family: name, MajorVersion: major, MinorVersion: match[2] ?? "", Patch: "", PatchMinor: "" };
  }
  return { Family: "Other", MajorVersion: "", MinorVersion: "", Patch: "", PatchMinor: "" };
}

function deviceOf(agent: string): Json {
  const found = DEVICES.find(([pattern]) => pattern.test(agent));
  return { Family: found?.[1] ?? "Other", Brand: found?.[2] ?? "", Model: found?.[3] ?? "" };
}

const PARTS: Readonly<Record<string, [string, (agent: string) => Json]>> = {
  browser: ["Browser", browserOf],
  os: ["OperatingSystem", systemOf],
  device: ["Device", deviceOf],
};

/** What a user agent names of browser, system and device. */
const parseUserAgent: FunctionSpec = {
  min: 2,
  max: 2,
  approximate: true,
  make: ([agent, wanted], site) => {
    const read = text(agent);
    const value = constantValue(wanted) ?? null;
    const names = (isArray(value) ? value : [value]).map(String);
    const parts = names.map((name) => {
      const part = Object.hasOwn(PARTS, name) ? PARTS[name] : undefined;
      if (!part) throw new KqlError("NotSupported", `parse_user_agent() for '${name}' is not supported`, site.at);
      return part;
    });
    return computed("dynamic", (row, index) => {
      const source = (read(row, index) ?? "").slice(0, 4096);
      return Object.fromEntries(parts.map(([name, parse]) => [name, parse(source)]));
    });
  },
};

export const USER_AGENTS: FunctionTable = { parse_user_agent: parseUserAgent };
