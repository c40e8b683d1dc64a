/** Upper limit of a Poisson mean after `count` events: a true mean above it gives so few with a chance of at most `doubt`. */
export function upperRate(count: number, doubt: number): number {
  let [low, high] = [count, count + 10 * Math.sqrt(count + 1) + 20];
  for (let step = 0; step < 60; step += 1) {
    const middle = (low + high) / 2;
    if (atMost(count, middle) > doubt) low = middle;
    else high = middle;
  }
  return high;
}

/** Chance of at most `count` events. */
function atMost(count: number, mean: number): number {
  let term = -mean;
  let sum = Math.exp(term);
  for (let events = 1; events <= count; events += 1) {
    term += Math.log(mean / events);
    sum += Math.exp(term);
  }
  return sum;
}
