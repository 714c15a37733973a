import type { Stage } from "../stage";

/** Certificates have no client among the product's, so their requests are written by hand. */
export async function driveCertificates({ place, step, refused, raw }: Stage): Promise<void> {
  const version = "?api-version=7.6";
  const certificates = `${place.vault.url}/certificates`;
  await step("certificates: list", () => raw("GET", `${certificates}${version}`));
  await refused("certificates: get one that is not there", 404, () => raw("GET", `${certificates}/nowhere/${version}`));
  await refused("certificates: get a version that is not there", 404, () =>
    raw("GET", `${certificates}/nowhere/${"0".repeat(32)}${version}`),
  );
}
