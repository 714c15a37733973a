"use client";
import { Button } from "@fluentui/react-components";

/** A page that broke while it was drawn. Its data is asked for elsewhere and has its own messages. */
export default function ErrorPage({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return (
    <main id="content" className="message">
      <h1>This page broke</h1>
      <p>
        Nothing was changed. Try again; if it happens again, tell the person who runs this product
        {error.digest ? ` and give the number ${error.digest}` : ""}.
      </p>
      <Button appearance="primary" onClick={reset}>
        Try again
      </Button>
    </main>
  );
}
