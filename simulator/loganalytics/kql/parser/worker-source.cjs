// Starts the parser's thread from TypeScript source: threads do not inherit tsx from the process that starts them.
require("tsx/cjs/api").register();
require("./worker.ts");
