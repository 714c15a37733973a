"use client";
import { Button } from "@fluentui/react-components";
import { ShieldKeyholeRegular, SignOutRegular } from "@fluentui/react-icons";
import dynamic from "next/dynamic";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { type ReactNode, useEffect, useRef } from "react";
import { useOptionalSession } from "@/components/session/session-context";
import type { ShareView } from "@/components/share/share-button";
import s from "./app-shell.module.css";

/** Loaded after the page, whose first load has a budget. */
const ShareButton = dynamic(() => import("@/components/share/share-button").then((file) => file.ShareButton), {
  ssr: false,
});

const PLACES = [
  { href: "/vaults", name: "Vaults" },
  { href: "/deployments", name: "Deployments" },
];
/** For analysts and administrators; whoever else opens one is told that it is not theirs. */
const STAFF_PLACES = [
  { href: "/incidents", name: "Incidents" },
  { href: "/outcomes", name: "Outcomes" },
  { href: "/audit", name: "Audit" },
  { href: "/setup", name: "Set-up" },
];
const STAFF = ["Administrator", "SOC analyst"];

/** The frame of every page: skip link, banner, product name, places, person. */
export function AppShell({
  banner,
  share,
  children,
}: {
  banner: string | null;
  share: ShareView;
  children: ReactNode;
}) {
  const session = useOptionalSession();
  return (
    <div className={s.shell}>
      <a href="#content" className={s.skip}>
        Skip to content
      </a>
      <header className={s.header}>
        {banner && <p className={s.banner}>{banner}</p>}
        <div className={s.bar}>
          <Link href="/vaults" className={s.product}>
            <ShieldKeyholeRegular aria-hidden />
            Key Vault Honeytokens
          </Link>
          {session && <Places roles={session.roles} />}
          {session && (
            <div className={s.end}>
              <ShareButton share={share} />
              <Person name={session.name} roles={session.roles} signOut={session.signOut} />
            </div>
          )}
        </div>
      </header>
      {children}
    </div>
  );
}

function Places({ roles }: { roles: readonly string[] }) {
  const path = usePathname();
  const places = roles.some((role) => STAFF.includes(role)) ? [...PLACES, ...STAFF_PLACES] : PLACES;
  const isHere = (href: string) => path === href || path.startsWith(`${href}/`);
  const here = places.find(({ href }) => isHere(href))?.href;
  const nav = useRef<HTMLElement>(null);
  // On a phone the bar is wider than the screen: where one is must not lie outside of it. Roles may come after the page.
  useEffect(() => {
    const bar = nav.current;
    const current = here === undefined ? null : bar?.querySelector<HTMLElement>(`[href="${here}"]`);
    if (bar && current) bar.scrollLeft = current.offsetLeft - (bar.clientWidth - current.offsetWidth) / 2;
  }, [here]);
  return (
    <nav ref={nav} aria-label="Main" className={s.places}>
      {places.map(({ href, name }) => (
        <Link key={href} href={href} aria-current={isHere(href) ? "page" : undefined}>
          {name}
        </Link>
      ))}
    </nav>
  );
}

function Person({ name, roles, signOut }: { name: string; roles: string[]; signOut: () => Promise<void> }) {
  // When leaving fails the person is still signed in, as the page shows.
  const leave = () => signOut().catch(() => {});
  return (
    <div className={s.person}>
      <span className={s.who}>
        <span className={s.name}>{name}</span>
        {roles.length > 0 && <span className={s.role}>{roles.join(", ")}</span>}
      </span>
      <Button
        appearance="subtle"
        icon={<SignOutRegular />}
        aria-label="Sign out"
        title={`Sign out ${name}`}
        onClick={leave}
      />
    </div>
  );
}
