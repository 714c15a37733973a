import { badRequest } from "../arm/errors";
import type { Incident } from "./documents";

type Classification = NonNullable<Incident["classification"]>;
type Reason = NonNullable<Incident["classificationReason"]>;

/** The reasons that go with a classification. Source: Microsoft Learn, closing an incident. */
const FITTING: Readonly<Record<Classification, readonly Reason[]>> = {
  Undetermined: [],
  TruePositive: ["SuspiciousActivity"],
  BenignPositive: ["SuspiciousButExpected"],
  FalsePositive: ["IncorrectAlertLogic", "InaccurateData"],
};

interface Closing {
  status?: Incident["status"] | undefined;
  classification?: Classification | null | undefined;
  classificationReason?: Reason | null | undefined;
}

/**
 * Throws 400 for an incident that is closed without a classification, or with a reason that does not go with it. A
 * determined classification needs its reason. The service's own sentences are unverified.
 */
export function checkClosing({ status, classification, classificationReason }: Closing): void {
  if (status !== "Closed") return;
  if (!classification) throw badRequest("Classification is required when the incident's status is 'Closed'.");
  const fitting = FITTING[classification];
  if (fitting.length > 0 && !classificationReason) {
    throw badRequest(`ClassificationReason is required for the classification '${classification}'.`);
  }
  if (classificationReason && !fitting.includes(classificationReason)) {
    throw badRequest(
      `The classification reason '${classificationReason}' does not go with the classification '${classification}'.`,
    );
  }
}
