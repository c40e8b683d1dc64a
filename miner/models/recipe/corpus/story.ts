import type { Random } from "../random.ts";
import { looks, moods, names, places, sounds, things } from "./words.ts";

/** A short story: an opening, three to nine middle sentences in a fixed order, an ending. */
export function story(random: Random, length: "short" | "long" = "short"): string {
  const { pick } = random;
  const [hero, friend] = random.sample(names, 2) as [string, string];
  const [here, there] = random.sample(places, 2) as [string, string];
  const [mood, otherMood] = random.sample(moods, 2) as [string, string];
  const animal = pick(Object.keys(sounds));
  const treasure = `${pick(looks)} ${pick(things)}`;
  const thing = treasure.split(" ")[1] ?? treasure;

  const opening = pick([
    `Once upon a time there was a ${mood} child named ${hero}.`,
    `One day ${hero} went to the ${here}.`,
    `${hero} was very ${mood} that morning.`,
    `${hero} lived near the ${here} with a small ${animal}.`,
  ]);
  const middle = [
    `${hero} found a ${treasure} near the ${here}.`,
    `"Look at this ${thing}," said ${hero}.`,
    `${friend} came to the ${here} and asked, "What is that?"`,
    `"It is a ${treasure}," said ${hero}.`,
    `They wanted to share the ${thing} and play together.`,
    `Then the ${animal} began to ${sounds[animal] ?? "run"}.`,
    `The sky was ${pick(["blue", "grey", "bright", "dark"])} and the wind was ${pick(["soft", "cold", "warm"])}.`,
    `${friend} was ${otherMood} because the ${thing} was lost.`,
    `${hero} helped ${friend} look for it in the ${there}.`,
    `They walked from the ${here} to the ${there}.`,
    `It was under a tree all the time.`,
    `"Thank you, ${hero}," said ${friend}.`,
  ];
  const ending = pick([
    `In the end they were both ${pick(moods)}.`,
    `${hero} and ${friend} became good friends.`,
    `They went home and slept well.`,
    `After that day ${hero} was never ${mood} again.`,
  ]);

  let wanted = length === "long" ? random.integer(8, 10) : random.integer(3, 6);
  const kept = middle.filter((_, index) => {
    const keep = random.unit() < wanted / (middle.length - index);
    if (keep) wanted -= 1;
    return keep;
  });
  return [opening, ...kept, ending].join(" ");
}
