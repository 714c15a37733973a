"use client";
import {
  createDOMRenderer,
  FluentProvider,
  RendererProvider,
  renderToStyleElements,
  SSRProvider,
} from "@fluentui/react-components";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { usePathname, useServerInsertedHTML } from "next/navigation";
import { NuqsAdapter } from "nuqs/adapters/next/app";
import { type ReactNode, useRef, useState } from "react";
import { shareAction } from "@/app/share/actions";
import { queryClientOptions } from "@/components/api/query-client";
import { SessionGate } from "@/components/session/session-gate";
import { SessionProvider } from "@/components/session/session-provider";
import { AppShell } from "@/components/shell/app-shell";
import type { PublicAuthConfig } from "@/lib/auth/public-config.pure";

// theme.css holds the themes as variables that follow the system; a theme given here would override them.
const SYSTEM_THEME = {};

interface ProvidersProps {
  settings: PublicAuthConfig;
  nonce?: string;
  children: ReactNode;
}

/** Everything that a page stands in: styles with their nonce, sign-in, data, address, frame. */
export function Providers({ settings, nonce, children }: ProvidersProps) {
  const [queries] = useState(() => new QueryClient(queryClientOptions));
  // The bridge must not run MSAL's own start: it hands the answer over to the page that asked.
  if (usePathname() === "/auth/redirect") return children;
  return (
    <Styles {...(nonce && { nonce })}>
      <SessionProvider settings={settings}>
        <QueryClientProvider client={queries}>
          <NuqsAdapter>
            <AppShell banner={settings.banner} share={shareAction}>
              <SessionGate>{children}</SessionGate>
            </AppShell>
          </NuqsAdapter>
        </QueryClientProvider>
      </SessionProvider>
    </Styles>
  );
}

function Styles({ nonce, children }: { nonce?: string; children: ReactNode }) {
  const [renderer] = useState(() =>
    createDOMRenderer(undefined, nonce ? { styleElementAttributes: { nonce } } : undefined),
  );
  const sent = useRef(false);
  useServerInsertedHTML(() => {
    if (sent.current) return null;
    sent.current = true;
    return <>{renderToStyleElements(renderer)}</>;
  });
  return (
    <RendererProvider renderer={renderer}>
      <SSRProvider>
        <FluentProvider theme={SYSTEM_THEME}>{children}</FluentProvider>
      </SSRProvider>
    </RendererProvider>
  );
}
