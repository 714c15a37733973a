import type { Metadata, Viewport } from "next";
import { headers } from "next/headers";
import type { ReactNode } from "react";
import { publicAuthConfig } from "@/lib/auth/public-config";
import { loadConfig } from "@/lib/config";
import { Providers } from "./providers";
import "./theme.css";
import "./global.css";

export const metadata: Metadata = {
  title: { default: "Key Vault Honeytokens", template: "%s · Key Vault Honeytokens" },
  description: "Plant decoy keys and secrets in Azure Key Vaults and prove that touching one is noticed.",
  robots: "noindex",
};

export const viewport: Viewport = {
  width: "device-width",
  initialScale: 1,
  colorScheme: "light dark",
};

/** Reading the headers makes every page dynamic: the nonce and the tenant are those of this request. */
export default async function RootLayout({ children }: { children: ReactNode }) {
  const nonce = (await headers()).get("x-nonce") ?? undefined;
  return (
    <html lang="en">
      <body>
        <noscript>
          <p className="message">This product signs people in with a script. Allow scripts for this address.</p>
        </noscript>
        <Providers settings={publicAuthConfig(loadConfig())} {...(nonce && { nonce })}>
          {children}
        </Providers>
      </body>
    </html>
  );
}
