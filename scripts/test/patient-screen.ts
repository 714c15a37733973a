import { configure } from "@testing-library/react";

// The library gives a page one second to change, which a busy machine may not have.
configure({ asyncUtilTimeout: 30_000 });
