import { createHash } from "node:crypto";
import { KqlError } from "../../errors";
import { xxHash64 } from "../../values/xxhash";
import { type Compiled, number, text } from "../compiled";
import { call1, computed, type FunctionSpec, type FunctionTable } from "../function";

function digest(algorithm: "md5" | "sha1" | "sha256"): FunctionSpec {
  return call1("string", text, (value) => createHash(algorithm).update(value).digest("hex"));
}

/** Bytes that the service hashes: text as UTF-8, numbers as eight bytes. */
function bytesOf(argument: Compiled, value: string | number | boolean | null): Buffer {
  if (typeof value === "number" && argument.type !== "real") {
    const bytes = Buffer.alloc(8);
    const ticks =
      argument.type === "datetime" ? BigInt(value) * 10n + 621_355_968_000_000_000n : BigInt(Math.trunc(value));
    bytes.writeBigInt64LE(BigInt.asIntN(64, ticks));
    return bytes;
  }
  return Buffer.from(String(value ?? ""));
}

/** xxHash64, modulo the second argument; without one the last digits would be beyond what a number holds. */
const hash: FunctionSpec = {
  min: 1,
  max: 2,
  make: ([source, modulo], site) => {
    if (!source || source.type === "real") {
      throw new KqlError("NotSupported", "hash() of a real is not supported by this engine", site.at);
    }
    if (!modulo) {
      throw new KqlError(
        "NotSupported",
        "hash() without a modulo is not supported by this engine: it has 64 bits",
        site.at,
      );
    }
    const read = source.type === "dynamic" ? text(source) : source.value;
    const divisor = number(modulo);
    return computed("long", (row, index) => {
      const value = read(row, index);
      const bytes = bytesOf(source, typeof value === "object" ? null : value);
      const result = BigInt.asIntN(64, xxHash64(bytes));
      const by = divisor(row, index);
      return by === null || by === 0 ? null : Number(BigInt.asUintN(64, result) % BigInt(Math.trunc(by)));
    });
  },
};

/** Base64 undone; null when it is none, or when the bytes are no UTF-8. */
function decodeBase64(value: string): string | null {
  if (!/^[a-z0-9+/]*={0,2}$/i.test(value) || value.length % 4 !== 0) return null;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(value, "base64"));
  } catch {
    return null;
  }
}

export const DIGESTS: FunctionTable = {
  hash,
  hash_sha256: digest("sha256"),
  hash_sha1: digest("sha1"),
  hash_md5: digest("md5"),
  base64_encode_tostring: call1("string", text, (value) => Buffer.from(value).toString("base64")),
  base64_encodestring: call1("string", text, (value) => Buffer.from(value).toString("base64")),
  base64_decode_tostring: call1("string", text, decodeBase64),
  base64_decodestring: call1("string", text, decodeBase64),
};
