import { expect, test, vi } from "vitest";
import { type Session, SessionContextProvider } from "@/components/session/session-context";
import { fakeSession, renderInProduct } from "@/components/testing/render";
import { AppShell } from "./app-shell";

vi.mock("next/navigation", () => ({ usePathname: () => "/setup/rules" }));

test("the place where one is comes onto the screen, also when the roles come after the page", () => {
  vi.spyOn(HTMLElement.prototype, "offsetLeft", "get").mockReturnValue(420);
  const shell = (session: Session) => (
    <SessionContextProvider value={session}>
      <AppShell banner={null} share={vi.fn()}>
        <main />
      </AppShell>
    </SessionContextProvider>
  );
  const { container, rerender } = renderInProduct(shell(fakeSession({ roles: [] })));
  expect(container.querySelector("nav")?.scrollLeft).toBe(0);
  rerender(shell(fakeSession()));
  expect(container.querySelector("nav")?.scrollLeft).toBe(420);
});
