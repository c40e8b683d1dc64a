/** `node compiler.mjs SOCKET`: a Solidity compiler that stays loaded; a connection carries one standard JSON each way. */
import { Buffer } from "node:buffer";
import { rmSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";

const solc = createRequire(import.meta.url)("solc");
const path = process.argv[2];
rmSync(path, { force: true });

createServer({ allowHalfOpen: true }, (socket) => {
  const parts = [];
  socket.on("data", (part) => parts.push(part));
  socket.on("end", () => socket.end(solc.compile(Buffer.concat(parts).toString("utf8"))));
  socket.on("error", () => socket.destroy());
}).listen(path);

// Whoever started it holds the other end.
process.stdin.on("end", () => process.exit(0)).resume();
