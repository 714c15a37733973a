"use client";
import { broadcastResponseToMainFrame } from "@azure/msal-browser/redirect-bridge";
import { useEffect } from "react";
import s from "./bridge.module.css";

let started = false;

/**
 * Where Entra sends people and hidden frames back to: hands the answer to the page that asked for it.
 * Opened without an answer it goes to the start page.
 */
export function Bridge() {
  useEffect(() => {
    // Effects run twice in development, and an answer can be handed over only once.
    if (started) return;
    started = true;
    broadcastResponseToMainFrame().catch(() => location.replace("/"));
  }, []);
  return <p className={s.text}>Signing in…</p>;
}
