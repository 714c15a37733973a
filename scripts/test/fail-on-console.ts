import { afterEach, beforeEach, expect, vi } from "vitest";

// A test that prints has either a bug or a message that nobody will read.
beforeEach(() => {
  for (const method of ["log", "warn", "error", "info", "debug"] as const) vi.spyOn(console, method);
});

afterEach(() => {
  for (const method of ["log", "warn", "error", "info", "debug"] as const) {
    const spy = vi.mocked(console[method]);
    const calls = spy.mock.calls;
    spy.mockRestore();
    expect(calls, `console.${method} was called`).toEqual([]);
  }
});
