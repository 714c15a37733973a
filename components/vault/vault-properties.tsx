import { Card } from "@/components/ui/page";
import type { BoardRow } from "@/lib/coverage/board.pure";
import s from "./vault-properties.module.css";

const MODEL: Record<BoardRow["permissionModel"], string> = {
  rbac: "Azure role assignments",
  policies: "Vault access policies",
};

const NETWORK: Record<BoardRow["network"], string> = {
  public: "Open to public networks",
  firewall: "Public network with firewall rules",
  private: "Private endpoints only",
};

/** Where the vault is and how it is set up. */
export function VaultProperties({ vault }: { vault: BoardRow }) {
  const lines = [
    ["Honeytokens", String(vault.decoys)],
    ["Subscription", vault.subscription],
    ["Resource group", vault.resourceGroup],
    ["Location", vault.location],
    ["Permissions", MODEL[vault.permissionModel]],
    ["Network", NETWORK[vault.network]],
  ];
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
