import Link from "next/link";
import { Page } from "@/components/ui/page";
import { Checks } from "./checks";
import s from "./setup-page.module.css";

const PLACES = [
  {
    href: "/setup/run",
    name: "Set up for me",
    text: "What is missing, shown as a plan first, then written in your name; and what was written before.",
  },
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
    href: "/setup/rules",
    name: "Rules",
    text: "The analytics rules that raise incidents: which are on, what somebody has changed, deploying and exporting them.",
  },
  {
    href: "/setup/alert-exceptions",
    name: "Alert exceptions",
    text: "Backups and other machines that are expected to touch honeytokens: their alerts are lower, and say so.",
  },
  {
    href: "/setup/drills",
    name: "Drills",
    text: "Touches made on purpose: what runs, how often, what they showed, and how long it took.",
  },
  {
    href: "/setup/recommendation",
    name: "Recommendation",
    text: "What Azure Policy and Defender for Cloud tell the owners of vaults, where it is deployed, and who has followed.",
  },
  {
    href: "/setup/register",
    name: "Register",
    text: "The list of honeytokens that the workspace watches, what differs from it, and how many changes are left.",
  },
  {
    href: "/setup/detection",
    name: "Detection",
    text: "Touches on honeytokens that no alert came of, found by comparing the log with the alerts every 15 minutes.",
  },
  {
    href: "/setup/grants",
    name: "Grants and roles",
    text: "Every right that this product has given for a deployment and has not taken back yet.",
  },
  {
    href: "/setup/footprint",
    name: "Footprint",
    text: "What somebody who may only read sees of this product in Azure, how telling it is, and who can read the register.",
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
      <Checks />
    </Page>
  );
}
