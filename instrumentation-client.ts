import { config } from "zod/v4/core";

// Next runs this before any page code. Zod compiles its checks with `new Function`, which our content security policy
// forbids and reports; a schema decides that when it is made, so it must be told before the first one.
config({ jitless: true });
