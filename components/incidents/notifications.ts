import { SEVERITIES } from "@/lib/incidents/list.pure";
import type { Arrival } from "./arrivals";
import { newsWords } from "./incident-words";

const WISH = "incidents.notify";

export type NotifyState = "unsupported" | "off" | "on" | "blocked";

/** Whether this browser tells of new incidents. */
export function notifyState(): NotifyState {
  if (typeof Notification === "undefined") return "unsupported";
  if (Notification.permission === "denied") return "blocked";
  return Notification.permission === "granted" && localStorage.getItem(WISH) === "on" ? "on" : "off";
}

/** Asks the browser for leave, on a click only, and remembers the wish. */
export async function switchOn(): Promise<NotifyState> {
  if ((await Notification.requestPermission()) === "granted") localStorage.setItem(WISH, "on");
  return notifyState();
}

export function switchOff(): NotifyState {
  localStorage.removeItem(WISH);
  return notifyState();
}

/**
 * Tells of incidents that are new or grew graver where the person asked for it. Numbers only: a notification stands on a locked screen, so it
 * names neither vault nor honeytoken nor caller.
 */
export function notify(came: readonly Arrival[]): void {
  if (came.length === 0 || notifyState() !== "on") return;
  const counts = SEVERITIES.flatMap((severity) => {
    const count = came.filter((incident) => incident.severity === severity).length;
    return count > 0 ? [`${count} ${severity}`] : [];
  });
  const told = new Notification(newsWords(came.map(({ news }) => news)), {
    body: `${counts.join(", ")}. Open the list to see more.`,
    tag: "incidents",
  });
  told.onclick = () => {
    window.focus();
    told.close();
  };
}
