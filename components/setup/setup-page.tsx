"use client";
import Link from "next/link";
import { ADMINISTRATOR, ANALYST } from "@/components/session/roles";
import { useSession } from "@/components/session/session-context";
import { EmptyState } from "@/components/ui/empty-state";
import { Page } from "@/components/ui/page";
import { Checks } from "./checks";
import s from "./setup-page.module.css";

interface Place {
  href: string;
  name: string;
  text: string;
  /** Its page opens for administrators and for nobody else. */
  administrators?: true;
}

const PLACES: readonly Place[] = [
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
    administrators: true,
  },
];

/** What administrators set up and look after: only what this person may open, so that no link ends in a refusal. */
export function SetupPage() {
  const { roles } = useSession();
  const administrator = roles.includes(ADMINISTRATOR);
  const places = PLACES.filter(({ administrators }) => administrator || !administrators);
  return (
    <Page title="Set-up" lead="What administrators decide and look after. Analysts may read it.">
      {administrator || roles.includes(ANALYST) ? <Open places={places} /> : <NotTheirs />}
    </Page>
  );
}

function NotTheirs() {
  return (
    <EmptyState
      title="Set-up is for administrators and analysts"
      action={<Link href="/vaults">Go to your vaults</Link>}
    >
      Your account has neither role. What you need for your vaults is on their own pages; for a role, ask an
      administrator of this product.
    </EmptyState>
  );
}

function Open({ places }: { places: readonly Place[] }) {
  return (
    <>
      <ul className={s.places}>
        {places.map(({ href, name, text }) => (
          <li key={href} className={s.place}>
            <h2>
              <Link href={href}>{name}</Link>
            </h2>
            <p>{text}</p>
          </li>
        ))}
      </ul>
      <Checks />
    </>
  );
}
