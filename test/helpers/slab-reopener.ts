/** Opens a book of slab vouchers again and again, and writes its log anew each time, until it is killed. */
import { SlabBook } from "../../coordinator/src/plugins/app/slabs/book.ts";
import { slabDomain } from "./slab.ts";

const [file = ""] = process.argv.slice(2);
for (;;) {
  const book = await SlabBook.open(file, slabDomain, undefined, -Infinity);
  await book.close();
  process.send?.("opened");
}
