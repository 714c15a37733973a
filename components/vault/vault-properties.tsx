import Link from "next/link";
import type { ReactNode } from "react";
import { Card } from "@/components/ui/page";
import type { BoardRow } from "@/lib/coverage/board.pure";
import s from "./vault-properties.module.css";

const MODEL: Record<BoardRow["permissionModel"], string> = {
  rbac: "Azure role assignments",
  policies: "Vault access policies",
};

const NETWORK: Record<BoardRow["network"], string> = {
  public: "Open to public networks",
  admitted: "Chosen networks only, this product's among them",
  firewall: "Public network with firewall rules",
  private: "Private endpoints only",
};

interface VaultPropertiesProps {
  vault: BoardRow;
  /** Whether this person may open incidents: SOC analysts and administrators. */
  incidents: boolean;
}

/** Where the vault is and how it is set up. */
export function VaultProperties({ vault, incidents }: VaultPropertiesProps) {
  const lines: [string, ReactNode][] = [
    ["Honeytokens", String(vault.decoys)],
    ["Subscription", vault.subscription],
    ["Resource group", vault.resourceGroup],
    ["Location", vault.location],
    ["Permissions", MODEL[vault.permissionModel]],
    ["Network", NETWORK[vault.network]],
  ];
  if (incidents) {
    const address = `/incidents?${new URLSearchParams({ vault: vault.id })}`;
    lines.push(["Incidents", <Link key="incidents" href={address}>{`Incidents about ${vault.name}`}</Link>]);
  }
  return (
    <Card title="About this vault">
      <dl className={s.lines}>
        {lines.map(([name, value]) => (
          <div key={name} className={s.line}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}
