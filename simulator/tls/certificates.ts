// The certificate library resolves its parts through this, and asks for it to be there first.
import "reflect-metadata";
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const DAY_MS = 86_400_000;
/** Clients whose clock is behind take it too, and the tenant's clock may be skewed by a day. */
const VALID_BEFORE_MS = 2 * DAY_MS;
const VALID_MS = 90 * DAY_MS;

export interface ServerCertificate {
  /** PEM of the server's private key. */
  key: string;
  /** PEM of its certificate and of the authority's. */
  certificate: string;
  /** PEM of the authority that clients have to trust. */
  authority: string;
}

/**
 * A server certificate for these names (`*.` in front is a wildcard), signed by an authority of its own. The authority's
 * private key is gone when this returns: nobody can sign another certificate with it.
 */
export async function makeCertificate(names: readonly string[]): Promise<ServerCertificate> {
  const notBefore = new Date(Date.now() - VALID_BEFORE_MS);
  const notAfter = new Date(Date.now() + VALID_MS);
  const authorityKeys = await crypto.subtle.generateKey(ALGORITHM, false, ["sign", "verify"]);
  const authority = await X509CertificateGenerator.createSelfSigned({
    name: "CN=Simulated tenant (throw-away authority)",
    notBefore,
    notAfter,
    keys: authorityKeys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    ],
  });
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const server = await X509CertificateGenerator.create({
    subject: "CN=Simulated tenant",
    issuer: authority.subject,
    notBefore,
    notAfter,
    publicKey: keys.publicKey,
    signingKey: authorityKeys.privateKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension([
        ...names.map((name) => ({ type: "dns" as const, value: name })),
        { type: "ip", value: "127.0.0.1" },
      ]),
    ],
  });
  const authorityPem = pem(authority);
  return {
    key: await privateKeyPem(keys.privateKey),
    certificate: pem(server) + authorityPem,
    authority: authorityPem,
  };
}

function pem(certificate: X509Certificate): string {
  return `${certificate.toString("pem")}\n`;
}

async function privateKeyPem(key: CryptoKey): Promise<string> {
  const bytes = Buffer.from(await crypto.subtle.exportKey("pkcs8", key)).toString("base64");
  return `-----BEGIN PRIVATE KEY-----\n${bytes.replace(/(.{64})/g, "$1\n")}\n-----END PRIVATE KEY-----\n`;
}
