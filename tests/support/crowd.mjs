// Opens many connections to a receiver from a process of its own, which has descriptors of its own.
// argv: port, how many, what each sends first, bytes of filler after it. Says how many stand, then waits to be ended.
import { connect } from "node:net";

const [, , port, count, greeting = "", filler = "0"] = process.argv;
const rest = Buffer.alloc(Number(filler), " ");
const AT_ONCE = 200;
let opened = 0;
let standing = 0;
let next = 0;

function open() {
  if (next >= Number(count)) return;
  next += 1;
  const socket = connect(Number(port), "127.0.0.1");
  let counted = false;
  const settled = () => {
    if (counted) return;
    counted = true;
    opened += 1;
    if (opened === Number(count)) process.send({ standing });
    open();
  };
  socket.on("connect", () => {
    standing += 1;
    if (greeting !== "") socket.write(greeting.replaceAll("\\r\\n", "\r\n"));
    if (rest.length === 0) settled();
    else socket.write(rest, settled);
  });
  socket.on("close", () => {
    standing -= 1;
    process.send({ left: standing });
  });
  // Refused or reset: it is counted by what stands.
  socket.on("error", settled);
  socket.resume();
}

for (let lane = 0; lane < AT_ONCE; lane += 1) open();
