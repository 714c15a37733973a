import Link from "next/link";
import { Page } from "@/components/ui/page";
import s from "./setup-page.module.css";

const PLACES = [
  {
    href: "/setup/settings",
    name: "Settings",
    text: "How honeytokens are named and how many there are, what needs a second person, what happens to new vaults.",
  },
  {
    href: "/setup/exceptions",
    name: "Exceptions",
    text: "Vaults that are left out, and vaults that need no honeytoken: who decided it, why, and until when.",
  },
  {
    href: "/setup/register",
    name: "Register",
    text: "The list of honeytokens that the workspace watches, what differs from it, and how many changes are left.",
  },
  {
    href: "/setup/grants",
    name: "Grants and roles",
    text: "Every right that this product has given for a deployment and has not taken back yet.",
  },
];

/** What administrators set up and look after. */
export function SetupPage() {
  return (
    <Page title="Set-up" lead="What administrators decide and look after. Analysts may read it.">
      <ul className={s.places}>
        {PLACES.map(({ href, name, text }) => (
          <li key={href} className={s.place}>
            <h2>
              <Link href={href}>{name}</Link>
            </h2>
            <p>{text}</p>
          </li>
        ))}
      </ul>
    </Page>
  );
}
