const args = process.argv.slice(2);
const stop = new AbortController();
/** Until it is known what is to be done there is nothing to finish. */
let isLasting = false;
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    // The first signal lets running work end, a second one does not wait.
    if (!isLasting || stop.signal.aborted) process.exit(130);
    stop.abort();
  });
}
const [{ processIo }, { run, valuedOptions }, { endsInOrder }] = await Promise.all([
  import("./io.ts"),
  import("./program.ts"),
  import("./families.ts"),
]);
isLasting = endsInOrder(args, valuedOptions);
process.exit(await run(args, processIo(stop.signal)));
