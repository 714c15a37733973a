"use client";
import { Button } from "@fluentui/react-components";
import { ShieldKeyholeRegular, SignOutRegular } from "@fluentui/react-icons";
import Link from "next/link";
import { usePathname } from "next/navigation";
import type { ReactNode } from "react";
import { useOptionalSession } from "@/components/session/session-context";
import s from "./app-shell.module.css";

/** A place is shown to those whose role opens it; without `roles` to everybody. */
const PLACES: { href: string; name: string; under?: string; roles?: string[] }[] = [
  { href: "/vaults", name: "Vaults" },
  { href: "/deployments", name: "Deployments" },
  { href: "/setup/register", under: "/setup", name: "Set-up", roles: ["Administrator", "SOC analyst"] },
];

/** The frame of every page: skip link, banner, product name, places, person. */
export function AppShell({ banner, children }: { banner: string | null; children: ReactNode }) {
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
          {session && <Person name={session.name} roles={session.roles} signOut={session.signOut} />}
        </div>
      </header>
      {children}
    </div>
  );
}

function Places({ roles }: { roles: readonly string[] }) {
  const path = usePathname();
  const open = PLACES.filter((place) => !place.roles || place.roles.some((role) => roles.includes(role)));
  return (
    <nav aria-label="Main" className={s.places}>
      {open.map(({ href, name, under = href }) => (
        <Link key={href} href={href} aria-current={path === under || path.startsWith(`${under}/`) ? "page" : undefined}>
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
