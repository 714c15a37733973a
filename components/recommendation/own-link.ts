import { REVIEW_VIEW } from "@/lib/distribution/policies.pure";

/** The product's own view for owners, under the address by which this browser reaches it. */
export function ownLink(): string {
  return `${window.location.origin}${REVIEW_VIEW}`;
}
