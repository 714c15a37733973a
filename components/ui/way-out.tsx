import Link from "next/link";
import type { CheckLink } from "@/lib/setup/checks.pure";

/** A page of this product opens in place, a portal beside it. */
export function WayOut({ link: { href, text } }: { link: CheckLink }) {
  if (href.startsWith("/")) return <Link href={href}>{text}</Link>;
  return (
    <a href={href} target="_blank" rel="noreferrer">
      {text} (opens in a new tab)
    </a>
  );
}
