"use client";
import "./theme.css";
import "./global.css";

/** The frame itself broke: for example a browser that cannot sign in at this address. */
export default function GlobalError() {
  return (
    <html lang="en">
      <body>
        <title>Key Vault Honeytokens</title>
        <main id="content" className="message">
          <h1>The product cannot start in this browser</h1>
          <p>
            Nothing was changed. Signing in needs a current browser, and an address that begins with https:// or with
            http://localhost.
          </p>
          <p>
            <a href="/vaults">Try again</a>
          </p>
        </main>
      </body>
    </html>
  );
}
