import { z } from "zod";
import type { Stage } from "../stage";

const Certificates = z.object({ value: z.array(z.object({ id: z.string() })).min(1) });
const Certificate = z.object({ id: z.string() });

/** Certificates have no client among the product's, so their requests are written by hand. */
export async function driveCertificates({ place, step, refused, raw }: Stage): Promise<void> {
  const version = "?api-version=7.6";
  const certificates = `${place.certificateVault.url}/certificates`;
  const listed = await step("certificates: list", async () =>
    Certificates.parse(await raw("GET", `${certificates}${version}`)),
  );
  const one = listed?.value[0]?.id ?? certificates;
  await step("certificates: list versions", () => raw("GET", `${one}/versions${version}`));
  const newest = await step("certificates: get the newest", async () =>
    Certificate.parse(await raw("GET", `${one}/${version}`)),
  );
  await step("certificates: get a version", () => raw("GET", `${newest?.id}${version}`));
  await step("certificates: get the policy", () => raw("GET", `${one}/policy${version}`));
  await refused("certificates: get one that is not there", 404, () => raw("GET", `${certificates}/nowhere/${version}`));
}
