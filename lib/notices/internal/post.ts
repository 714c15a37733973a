import "server-only";
import { createHmac } from "node:crypto";
import { lookup } from "node:dns";
import http from "node:http";
import https from "node:https";
import { BlockList, isIP, type LookupFunction } from "node:net";

/** A chat tool that does not answer by then counts as away. */
const WITHIN_MS = 10_000;
/** Version of the signature in its header. */
const VERSION = "v1";

/**
 * Addresses that no chat tool has, and that tell credentials of this machine: link-local ones with the metadata service,
 * Azure's own wire server, and what is not one host. Private networks are allowed: chat tools run there.
 */
const REFUSED = new BlockList();
REFUSED.addSubnet("0.0.0.0", 8, "ipv4");
REFUSED.addSubnet("169.254.0.0", 16, "ipv4");
REFUSED.addAddress("168.63.129.16", "ipv4");
REFUSED.addSubnet("224.0.0.0", 3, "ipv4");
REFUSED.addAddress("::", "ipv6");
REFUSED.addSubnet("fe80::", 10, "ipv6");
REFUSED.addAddress("fd00:ec2::254", "ipv6");
REFUSED.addSubnet("ff00::", 8, "ipv6");
const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8, "ipv4");
LOOPBACK.addAddress("::1", "ipv6");

/** Whether the webhook may be sent to this address of the network: loopback only in the simulated tenant, never in a real one. */
export function mayReach(address: string, mode: "simulated" | "real"): boolean {
  const family = isIP(address) === 6 ? "ipv6" : "ipv4";
  if (isIP(address) === 0 || REFUSED.check(address, family)) return false;
  return LOOPBACK.check(address, family) === (mode === "simulated");
}

/** The headers that let the receiver know who sent a body, and when: HMAC-SHA256 over `{seconds}.{body}`. */
export function signed(body: string, secret: string, at: Date): Record<string, string> {
  const timestamp = String(Math.floor(at.getTime() / 1_000));
  const signature = createHmac("sha256", secret).update(`${timestamp}.${body}`).digest("hex");
  return { "x-honeytokens-timestamp": timestamp, "x-honeytokens-signature": `${VERSION}=${signature}` };
}

/** Looks a name up as the connection does, so that no later answer can lead elsewhere. */
function guardedLookup(mode: "simulated" | "real"): LookupFunction {
  return (hostname, options, done) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return done(error, "", 0);
      const allowed = addresses.filter(({ address }) => mayReach(address, mode));
      const [first] = allowed;
      if (!first) return done(new Error("The name leads to an address that is not allowed."), "", 0);
      if (options.all) return done(null, allowed);
      return done(null, first.address, first.family);
    });
  };
}

/**
 * Sends one body, following no redirect and reading no answer but its status.
 *
 * @returns a sentence without the address, which may be a credential
 */
export function post(
  address: string,
  body: string,
  headers: Record<string, string>,
  mode: "simulated" | "real",
): Promise<{ taken: boolean; answer: string }> {
  const url = new URL(address);
  const host = url.hostname.replace(/^\[|\]$/g, "");
  // A bare address is never looked up.
  if (isIP(host) !== 0 && !mayReach(host, mode)) {
    return Promise.resolve({ taken: false, answer: "The address is not one that may be told." });
  }
  const { request } = url.protocol === "https:" ? https : http;
  return new Promise((resolve) => {
    const sending = request(
      url,
      {
        method: "POST",
        headers: { ...headers, "content-type": "application/json", "content-length": Buffer.byteLength(body) },
        lookup: guardedLookup(mode),
        agent: false,
        signal: AbortSignal.timeout(WITHIN_MS),
      },
      (response) => {
        response.destroy();
        const status = response.statusCode ?? 0;
        resolve({ taken: status >= 200 && status < 300, answer: `The receiver answered ${status}.` });
      },
    );
    sending.on("error", (error) => {
      const late = error.name === "AbortError" || error.name === "TimeoutError";
      resolve({ taken: false, answer: late ? "The receiver did not answer in time." : sentenceOf(error) });
    });
    sending.end(body);
  });
}

function sentenceOf(error: Error & { code?: string }): string {
  if (error.message.startsWith("The name leads")) return error.message;
  return `The receiver could not be reached${error.code ? ` (${error.code})` : ""}.`;
}
