// Calls one function nine times as often as its twin; after SIGUSR2 a third one besides, three times as often as both. They call themselves: V8
// puts other small functions into their callers, and counts them there. The argument is how many milliseconds it rests after each turn.
function hotFunction(n) {
  return n < 2 ? n : hotFunction(n - 1) + hotFunction(n - 2);
}

function otherFunction(n) {
  return n < 2 ? n : otherFunction(n - 1) + otherFunction(n - 2);
}

function surgeFunction(n) {
  return n < 2 ? n : surgeFunction(n - 1) + surgeFunction(n - 2);
}

const rest = Number(process.argv[2] ?? 4);
let surging = false;
process.on("SIGUSR2", () => {
  surging = true;
});

function turn() {
  for (let i = 0; i < 100; i++) {
    if (i % 10 === 0) otherFunction(20);
    else hotFunction(20);
    for (let more = surging ? 3 : 0; more > 0; more--) surgeFunction(20);
  }
  setTimeout(turn, rest);
}
process.stdout.write("ready\n");
turn();
