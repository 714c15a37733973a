import { FluentProvider } from "@fluentui/react-components";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, type RenderResult, render } from "@testing-library/react";
import { NuqsTestingAdapter, type OnUrlUpdateFunction } from "nuqs/adapters/testing";
import type { ReactNode } from "react";
import { afterEach, vi } from "vitest";
import { type Session, SessionContextProvider } from "@/components/session/session-context";

declare global {
  var IS_REACT_ACT_ENVIRONMENT: boolean;
}
globalThis.IS_REACT_ACT_ENVIRONMENT = true;

// The test browser rejects an animation that is cut short; without the function Fluent shows things at once.
Reflect.deleteProperty(Element.prototype, "animate");

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

export const TOKEN = "token-of-adam";

export function fakeSession(change: Partial<Session> = {}): Session {
  return {
    name: "Adam Admin",
    roles: ["Administrator"],
    getToken: async () => TOKEN,
    signInAgain: vi.fn(async () => {}),
    stepUp: vi.fn(async () => {}),
    signOut: vi.fn(async () => {}),
    ...change,
  };
}

interface Surroundings {
  session?: Session;
  /** The query of the address that the page is opened with. */
  search?: string;
  onUrlUpdate?: OnUrlUpdateFunction;
}

/** Renders below what every page of the product stands in: theme, session, data, address. */
export function renderInProduct(children: ReactNode, surroundings: Surroundings = {}): RenderResult {
  const { session = fakeSession(), search = "", onUrlUpdate } = surroundings;
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  return render(
    <FluentProvider theme={{}}>
      <SessionContextProvider value={session}>
        <QueryClientProvider client={queries}>
          <NuqsTestingAdapter searchParams={search} hasMemory {...(onUrlUpdate && { onUrlUpdate })}>
            {children}
          </NuqsTestingAdapter>
        </QueryClientProvider>
      </SessionContextProvider>
    </FluentProvider>,
  );
}

export type Answer = { status?: number; body: unknown };

/** Answers the product's own addresses; an address without an answer is a defect of the test and says so. */
export function stubApi(answers: (path: string) => Answer | undefined): ReturnType<typeof vi.fn> {
  const stub = vi.fn(async (input: string | URL | Request, _init?: RequestInit) => {
    const path = String(input);
    const answer = answers(path);
    if (!answer) throw new Error(`The test has no answer for ${path}`);
    return Response.json(answer.body, { status: answer.status ?? 200 });
  });
  vi.stubGlobal("fetch", stub);
  return stub;
}
